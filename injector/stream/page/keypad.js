/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on the screen, for who has no keyboard, or one that lacks some. */
import { MODIFIERS, pressKey } from './keyboard.js';
import { on } from './link.js';
import { holdable, makeButton } from './press.js';
import { texts } from './texts.js';

const at = id => document.getElementById(id);

/* --- modifiers: for one key, or until they are pressed again --- */

const MODES = ['off', 'once', 'locked'];
const sticky = new Map(); /* buttons by their codes */

function setMode(button, mode)
{
	button.dataset.mode = mode;
	button.setAttribute('aria-pressed', mode !== 'off');
	button.setAttribute('aria-label', texts.modifier(
		texts.modifiers[button.dataset.code], mode));
}

function stepMode(button)
{
	const { code, mode } = button.dataset;
	const next = MODES[(MODES.indexOf(mode) + 1) % MODES.length];

	setMode(button, next);
	pressKey(code, next !== 'off');
}

function addModifier([code, text])
{
	const button = makeButton(text);

	button.dataset.code = code;
	setMode(button, 'off');
	button.addEventListener('click', () => stepMode(button));
	sticky.set(code, button);
	at('modifiers').append(button);
}

function releaseOnce()
{
	for (const [code, button] of sticky)
		if (button.dataset.mode === 'once') {
			setMode(button, 'off');
			pressKey(code, false);
		}
}

on('key', ({ code, down }) => {
	if (!down && !MODIFIERS.test(code))
		releaseOnce();
});
on('typed', releaseOnce);
on('letgo', () => sticky.forEach(button => setMode(button, 'off')));

/* --- the others --- */

function addKey(group, [code, text])
{
	at(group).append(holdable(makeButton(text, texts.keyNames[code]),
				  down => pressKey(code, down)));
}

const CTRL_ALT_DEL = ['ControlLeft', 'AltLeft', 'Delete'];

/* What of it is already held is pressed anew. */
function pressCtrlAltDel(down)
{
	if (down)
		CTRL_ALT_DEL.forEach(code => pressKey(code, false));
	(down ? CTRL_ALT_DEL : [...CTRL_ALT_DEL].reverse()).forEach(
		code => pressKey(code, down));
}

Object.entries(texts.modifiers).forEach(addModifier);
for (const [group, keys] of Object.entries(texts.keyGroups))
	Object.entries(keys).forEach(key => addKey(group, key));
for (let n = 1; n <= 24; n++)
	addKey('functionKeys', [`F${n}`, `F${n}`]);
holdable(at('ctrlAltDel'), pressCtrlAltDel);
at('ctrlAltDel').addEventListener('mousedown', e => e.preventDefault());
