/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text, which the server types in the guest's layout, one at a time: what comes
 * meanwhile waits, and so do keys between texts.
 */
import { on, sendMessage } from './link.js';
import { tapKey } from './keyboard.js';

const BYTES_MAX = 4000; /* of a message; the server takes 4095 */
const waiting = [];
let busy = false;

function next()
{
	busy = false;
	while (waiting.length && !busy) {
		const { key, text } = waiting.shift();

		if (key) {
			tapKey(key);
			continue;
		}
		busy = true;
		sendMessage({ type: 'text', text });
	}
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

function enqueue(items)
{
	waiting.push(...items);
	if (!busy)
		next();
}

export const typeText = text => enqueue(
	parts(text.replace(/\r\n?/g, '\n')).map(part => ({ text: part })));
export const typeKey = key => enqueue([{ key }]);

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
