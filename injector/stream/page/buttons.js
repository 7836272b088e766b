/* SPDX-License-Identifier: Apache-2.0 */
/* Buttons of the mouse whose label is given; '' is the usual one. */
import { hold, isHeld } from './held.js';
import { sendMessage } from './link.js';

export function pressButton(device, button, down)
{
	if (down === isHeld('buttons', device, button))
		return;
	hold('buttons', device, button, down);
	sendMessage({ type: 'button', button, down,
		      ...(device && { device }) });
}

export function clickButton(device, button)
{
	pressButton(device, button, true);
	pressButton(device, button, false);
}

/* Their bits in PointerEvent.buttons, by their numbers. */
const BUTTON_BITS = [1, 4, 2, 8, 16];

export function takeButtons(device, bits)
{
	BUTTON_BITS.forEach((bit, button) =>
		pressButton(device, button, (bits & bit) !== 0));
}
