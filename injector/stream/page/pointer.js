/* SPDX-License-Identifier: Apache-2.0 */
/* Fingers, pens, the mouse and its wheel, in the area. */
import { held, hold, isHeld } from './held.js';
import { emit, has, sendMessage, sendMotion, sendRecord, sendWheel, u16, USUAL,
	 withRole } from './link.js';
import { area, isInside, place, surfaceWidth, view } from './surface.js';

/* --- fingers --- */

/* Of the touchscreen that is shown; otherwise the usual one. */
function touchscreen()
{
	return view.device?.roles.includes('touch')
		? view.device : { label: '', number: USUAL };
}

function touch(e, down)
{
	const { label, number } = touchscreen();
	const sizes = [e.width, e.height].map(v => v / surfaceWidth());
	const isDown = isHeld('contacts', label, e.pointerId);

	if (down ? !isInside(e) : !isDown)
		return;
	if (down === false) {
		hold('contacts', label, e.pointerId, false);
		sendRecord(6, number, [[4, e.pointerId]]);
		return;
	}
	if (down)
		hold('contacts', label, e.pointerId, true);
	sendRecord(5, number, [[4, e.pointerId], ...place(e), u16(e.pressure),
			       u16(Math.max(...sizes)),
			       u16(Math.min(...sizes))]);
}

/* --- pens --- */

function pen(e)
{
	const near = e.type !== 'pointerleave';

	if (near !== held.pen) {
		held.pen = near;
		emit('held');
	}
	if (!near) {
		sendMessage({ type: 'pen', near: false });
		return;
	}
	sendRecord(7, USUAL, [
		...place(e), u16(e.pressure), [-1, e.tiltX], [-1, e.tiltY],
		[1, e.buttons >> 1 & 1 | (e.buttons & 32 ? 8 : 0)],
	]);
}

/* --- the mouse --- */

const mouseLabel = () => withRole('tablet')[0]?.label || '';

/* Their bits in PointerEvent.buttons, by their numbers. */
const BUTTON_BITS = [1, 4, 2, 8, 16];

function buttons(e)
{
	const device = mouseLabel();

	BUTTON_BITS.forEach((bit, button) => {
		const down = (e.buttons & bit) !== 0;

		if (down === isHeld('buttons', device, button))
			return;
		hold('buttons', device, button, down);
		sendMessage({ type: 'button', button, down,
			      ...(device && { device }) });
	});
}

function mouse(e)
{
	if (has('tablet'))
		sendRecord(3, USUAL, place(e));
	else
		sendMotion(e.movementX, e.movementY);
	buttons(e);
}

/* --- events --- */

/* down: null: it neither begins nor ends. */
function pointer(e, down)
{
	e.preventDefault();
	if (down) {
		area.focus();
		area.setPointerCapture(e.pointerId);
	}
	if (e.pointerType === 'touch')
		touch(e, down);
	else if (e.pointerType === 'pen' && has('pen'))
		pen(e);
	else
		mouse(e);
}

area.addEventListener('pointerdown', e => pointer(e, true));
area.addEventListener('pointerup', e => pointer(e, false));
area.addEventListener('pointercancel', e => pointer(e, false));
area.addEventListener('pointermove', e => pointer(e, null));
area.addEventListener('pointerleave', e => {
	if (e.pointerType === 'pen')
		pointer(e, null);
});
area.addEventListener('contextmenu', e => e.preventDefault());

/* In 1/120 of a notch: by WheelEvent.deltaMode a pixel, a line, a page. */
const WHEEL_UNITS = [1, 40, 800];

export function onWheel(e, take)
{
	const unit = WHEEL_UNITS[e.deltaMode];

	e.preventDefault();
	take(e.deltaX * unit, e.deltaY * unit);
}

area.addEventListener('wheel', e => onWheel(e, sendWheel), { passive: false });
