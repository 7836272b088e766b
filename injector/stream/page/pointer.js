/* SPDX-License-Identifier: Apache-2.0 */
/* Fingers, pens, the mouse and its wheel, in the area. */
import { pressButton, takeButtons } from './buttons.js';
import { choosePinch, gesture, lockDrags } from './gestures.js';
import { held, hold, isHeld, letGo } from './held.js';
import { emit, has, link, on, sendMessage, sendMotion, sendRecord, sendWheel,
	 u16, USUAL, withRole } from './link.js';
import { holdable, makeButton, toggle } from './press.js';
import { area, isInside, place, surfaceWidth, view } from './surface.js';
import { texts } from './texts.js';

const at = id => document.getElementById(id);

/* --- fingers --- */

/*
 * That of the display that is shown; the usual one, if its size is not known.
 * null: another display's must not be touched for it.
 */
function touchscreen()
{
	if (view.device?.roles.includes('touch'))
		return view.device;
	return view.isLone ? { label: '', number: USUAL } : null;
}

function sendContact(e, number)
{
	const sizes = [e.width, e.height].map(v => v / surfaceWidth());

	sendRecord(5, number, [[4, e.pointerId], ...place(e), u16(e.pressure),
			       u16(Math.max(...sizes)),
			       u16(Math.min(...sizes))]);
}

/* Where the finger was since the last event, and where it is. */
const coalesced = e => {
	const events = e.getCoalescedEvents?.() || [];

	return events.length ? events : [e];
};

function touch(e, down)
{
	const screen = touchscreen();

	if (!screen) {
		if (down)
			emit('note', texts.noTouchscreen);
		return;
	}
	const { label, number } = screen;
	const isDown = isHeld('contacts', label, e.pointerId);

	if (down ? !isInside(e) : !isDown)
		return;
	if (down !== null)
		hold('contacts', label, e.pointerId, down);
	if (down === false)
		sendRecord(6, number, [[4, e.pointerId]]);
	else
		for (const each of down ? [e] : coalesced(e))
			sendContact(each, number);
}

/* --- pens --- */

/*
 * In PointerEvent.buttons the button at its barrel is the right one, a second
 * one the middle one, and its other end 32.
 */
function sendPen(e)
{
	sendRecord(7, USUAL, [
		...place(e), u16(e.pressure), [-1, e.tiltX], [-1, e.tiltY],
		[1, e.buttons >> 1 & 7 | (e.buttons & 32 ? 8 : 0)],
	]);
}

function pen(e, down)
{
	const near = e.type !== 'pointerleave' && e.type !== 'pointercancel';

	if (near !== held.pen) {
		held.pen = near;
		emit('held');
	}
	if (near)
		(down === null ? coalesced(e) : [e]).forEach(sendPen);
	else
		sendMessage({ type: 'pen', near: false });
}

/* --- the mouse --- */

const isLocked = () => document.pointerLockElement === area;
let last = null; /* where it was, while it is in the area */

const isAbsolute = () => mouseMode() === 'absolute' && !isLocked();
const mouseLabel = () => isAbsolute() ? withRole('tablet')[0]?.label || '' : '';

function mouseMoved(e)
{
	if (isLocked())
		sendMotion(e.movementX, e.movementY);
	else if (isAbsolute())
		sendRecord(3, USUAL, place(e));
	else if (last)
		sendMotion(e.clientX - last.x, e.clientY - last.y);
	last = { x: e.clientX, y: e.clientY };
}

/* A touchscreen alone is touched by the mouse's left button. */
function mouseAsFinger(e)
{
	const isDown = isHeld('contacts', touchscreen()?.label, e.pointerId);

	if (e.buttons & 1 || isDown)
		touch(e, (e.buttons & 1) === Number(isDown)
			? null : !isDown);
}

function onMouse(e)
{
	if (mouseMode() === 'finger') {
		mouseAsFinger(e);
		return;
	}
	mouseMoved(e);
	takeButtons(mouseLabel(), e.buttons);
}

/* Raw where the browser can; without acceleration it may reject. */
async function capture()
{
	area.focus();
	try {
		await area.requestPointerLock({ unadjustedMovement: true });
	} catch {
		await area.requestPointerLock();
	}
}

document.addEventListener('pointerlockchange', () => {
	last = null;
	if (!isLocked())
		letGo();
});

/* --- what is chosen --- */

const fingerMode = () => at('fingers').value;
const mouseMode = () => at('mouse').value;

const showMode = () => {
	area.dataset.mouse = mouseMode();
};

/* What the devices allow, of which the first is the usual choice. */
function offerModes(id, modes)
{
	const select = at(id), chosen = select.value;
	const possible = Object.keys(modes).filter(mode => modes[mode]);

	select.replaceChildren(...possible.map(mode =>
		new Option(texts.modes[mode], mode)));
	select.disabled = possible.length < 2;
	if (select.dataset.chosen && possible.includes(chosen))
		select.value = chosen;
}

on('devices', () => {
	const touches = has('touch'), moves = has('mouse');

	offerModes('fingers', { touch: touches, trackpad: moves,
				pointer: has('tablet') });
	offerModes('mouse', { absolute: has('tablet'), relative: moves,
			      finger: touches });
	at('capture').disabled = !moves;
	showMode();
});
for (const id of ['fingers', 'mouse'])
	at(id).addEventListener('change', () => {
		at(id).dataset.chosen = true;
		showMode();
		letGo();
	});
at('capture').addEventListener('click', capture);
toggle(at('dragLock'), lockDrags);
toggle(at('pinch'), choosePinch);
at('mouseButtons').append(...texts.buttons.map((text, i) =>
	holdable(makeButton(text), down => pressButton('', i, down))));

/* --- events --- */

/* down: null: it neither begins nor ends. */
function pointer(e, down)
{
	e.preventDefault();
	if (link.readOnly)
		return;
	if (down) {
		area.focus();
		if (!isLocked())
			area.setPointerCapture(e.pointerId);
	}
	if (e.pointerType === 'touch' && fingerMode() === 'touch')
		touch(e, down);
	else if (e.pointerType === 'touch' && fingerMode() === 'trackpad')
		gesture(e, down);
	else if (e.pointerType === 'pen' && has('pen'))
		pen(e, down);
	else
		onMouse(e);
}

area.addEventListener('pointerdown', e => pointer(e, true));
area.addEventListener('pointerup', e => pointer(e, false));
area.addEventListener('pointercancel', e => pointer(e, false));
/*
 * As soon as they come, where the browser can. A mouse's second button comes
 * with the next picture all the same.
 */
if ('onpointerrawupdate' in area) {
	area.addEventListener('pointerrawupdate', e => pointer(e, null));
	area.addEventListener('pointermove', e => {
		if (!link.readOnly && e.pointerType === 'mouse' &&
		    mouseMode() !== 'finger')
			takeButtons(mouseLabel(), e.buttons);
	});
} else {
	area.addEventListener('pointermove', e => pointer(e, null));
}
area.addEventListener('pointerleave', e => {
	if (e.pointerType === 'pen')
		pointer(e, null);
	last = null;
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
