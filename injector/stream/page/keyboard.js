/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a real keyboard, while the area has the focus. It takes Tab, too,
 * so there is a way out: Ctrl+Alt+G, as in QEMU's window.
 */
import { held, holdKey, letGo } from './held.js';
import { emit, link, on, sendMessage } from './link.js';
import { followLocks } from './locks.js';
import { area } from './surface.js';

const ALTGR_MS = 20; /* in which AltGr follows its ControlLeft */

export const MODIFIERS = /^(Control|Alt|Shift|Meta)(Left|Right)$/;

/* 'key' tells of it. */
export function pressKey(code, down)
{
	if (down === held.keys.has(code))
		return;
	holdKey(code, down);
	sendMessage({ type: 'key', code, down });
	emit('key', { code, down });
}

export function tapKey(code)
{
	pressKey(code, true);
	pressKey(code, false);
}

/* --- AltGr --- */

/*
 * Browsers on Windows send AltGr as ControlLeft and AltRight. So ControlLeft
 * waits for what comes next, or a moment.
 */
let control = null;

function sendControl()
{
	if (control === null)
		return;
	clearTimeout(control);
	control = null;
	pressKey('ControlLeft', true);
}

function dropControl()
{
	clearTimeout(control);
	control = null;
}

/* --- macOS --- */

/*
 * While Meta is held, macOS does not tell when another key is released. They
 * are released with it.
 */
const underMeta = new Set();
/* Nor is Caps Lock released: it goes down with the lock, and up with it. */
const IS_MAC = /^Mac/.test(navigator.platform);

function followMeta(code, down)
{
	const isMeta = code.startsWith('Meta');

	if (down && !isMeta && !MODIFIERS.test(code) &&
	    (held.keys.has('MetaLeft') || held.keys.has('MetaRight')))
		underMeta.add(code);
	if (down || !isMeta)
		return;
	underMeta.forEach(key => pressKey(key, false));
	underMeta.clear();
}

/* --- events --- */

function leave()
{
	letGo();
	document.querySelector('[role=tab][aria-selected=true]').focus();
}

/* A key of a real keyboard. */
export function realKey(e, down)
{
	const isAltGr = e.code === 'AltRight' && e.key === 'AltGraph';

	if (e.repeat || !e.code)
		return;
	if (isAltGr && down)
		dropControl();
	sendControl();
	if (down)
		followLocks(e);
	if (e.code === 'ControlLeft' && down) {
		control = setTimeout(sendControl, ALTGR_MS);
		return;
	}
	if (e.code === 'CapsLock' && IS_MAC)
		tapKey(e.code);
	else
		pressKey(e.code, down);
	followMeta(e.code, down);
}

function onKey(e, down)
{
	if (link.readOnly)
		return; /* the browser may have it */
	e.preventDefault();
	if (down && e.ctrlKey && e.altKey && e.code === 'KeyG')
		leave();
	else if (!e.isComposing)
		realKey(e, down);
}

area.addEventListener('keydown', e => onKey(e, true));
area.addEventListener('keyup', e => onKey(e, false));
for (const type of ['pointerdown', 'wheel'])
	area.addEventListener(type, sendControl, { capture: true,
						   passive: true });
on('letgo', () => {
	dropControl();
	underMeta.clear();
});
