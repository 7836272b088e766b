/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is held, in one place, from which each heartbeat is made. Buttons and
 * contacts are held by the label of their device; '' is the usual one.
 * 'letgo' tells that all is released, 'held' that something has changed.
 */
import { emit, on, sendMessage } from './link.js';

export const held = {
	keys: new Set(),
	buttons: new Map(),
	contacts: new Map(),
	pads: new Set(),
	pen: false,
};
let beat;

const lists = map => Object.fromEntries([...map].map(
	([label, set]) => [label, [...set]]));

export function pulse()
{
	sendMessage({
		type: 'held',
		keys: [...held.keys],
		buttons: lists(held.buttons),
		contacts: lists(held.contacts),
		pads: [...held.pads],
		pen: held.pen,
	});
}

/* A map's set, of a device. */
function setOf(map, label)
{
	if (!map.has(label))
		map.set(label, new Set());
	return map.get(label);
}

export const isHeld = (what, label, id) =>
	Boolean(held[what].get(label)?.has(id));

/* what: 'buttons' or 'contacts'. */
export function hold(what, label, id, down)
{
	const set = setOf(held[what], label);

	if (down)
		set.add(id);
	else
		set.delete(id);
	emit('held');
}

export function holdKey(code, down)
{
	if (down)
		held.keys.add(code);
	else
		held.keys.delete(code);
	emit('held');
}

function forget()
{
	held.keys.clear();
	held.buttons.clear();
	held.contacts.clear();
	held.pads.clear();
	held.pen = false;
	emit('letgo');
	emit('held');
}

export function letGo()
{
	forget();
	pulse();
}

on('hello', m => {
	beat = setInterval(pulse, m.heartbeat_ms);
});
on('closed', () => {
	clearInterval(beat);
	forget();
});
addEventListener('blur', letGo);
addEventListener('pagehide', letGo);
document.addEventListener('visibilitychange', () => {
	if (document.hidden)
		letGo();
});
document.addEventListener('fullscreenchange', () => {
	if (!document.fullscreenElement)
		letGo();
});
