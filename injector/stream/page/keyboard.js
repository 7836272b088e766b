/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a real keyboard, while the area has the focus. It takes Tab, too,
 * so there is a way out: Ctrl+Alt+G, as in QEMU's window.
 */
import { holdKey, letGo } from './held.js';
import { sendMessage } from './link.js';
import { area } from './surface.js';

export function pressKey(code, down)
{
	holdKey(code, down);
	sendMessage({ type: 'key', code, down });
}

function leave()
{
	letGo();
	document.querySelector('[role=tab][aria-selected=true]').focus();
}

function onKey(e, down)
{
	e.preventDefault();
	if (down && e.ctrlKey && e.altKey && e.code === 'KeyG') {
		leave();
		return;
	}
	if (!e.isComposing && !e.repeat && e.code)
		pressKey(e.code, down);
}

area.addEventListener('keydown', e => onKey(e, true));
area.addEventListener('keyup', e => onKey(e, false));
