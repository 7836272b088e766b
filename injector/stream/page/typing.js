/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text, which the server types in the guest's layout, one at a time: what comes
 * meanwhile waits.
 */
import { on, sendMessage } from './link.js';

const BYTES_MAX = 4000; /* of a message; the server takes 4095 */
const waiting = [];
let busy = false;

function next()
{
	busy = waiting.length > 0;
	if (busy)
		sendMessage({ type: 'text', text: waiting.shift() });
}

/* Return: its parts, none of which is too long. */
function parts(text)
{
	const encoder = new TextEncoder();
	const list = [];
	let part = '', bytes = 0;

	for (const character of text) {
		const size = encoder.encode(character).length;

		if (bytes + size > BYTES_MAX) {
			list.push(part);
			part = '';
			bytes = 0;
		}
		part += character;
		bytes += size;
	}
	return part ? [...list, part] : list;
}

export function typeText(text)
{
	waiting.push(...parts(text));
	if (!busy)
		next();
}

function drop()
{
	waiting.length = 0;
	busy = false;
}

on('typed', next);
on('closed', drop);
on('error', () => {
	if (busy)
		drop();
});

document.getElementById('typing').addEventListener('submit', e => {
	e.preventDefault();
	typeText(document.getElementById('text').value);
});
