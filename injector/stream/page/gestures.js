/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fingers as on a touchpad: one moves, a tap clicks, a tap and a drag drags, a
 * long press or a tap of two is a right click, a tap of three a middle click,
 * two fingers scroll.
 */
import { on, sendMotion, sendWheel } from './link.js';
import { clickButton, pressButton } from './buttons.js';

const USUAL_MOUSE = '';
const SLACK = 8; /* pixels that a resting finger moves */
const TAP_MS = 250; /* a tap lasts, and until the drag after it begins */
const LONG_MS = 600;
const SPEED = 1.5; /* counts for a pixel */
const WHEEL_SPEED = 3; /* 1/120 of a notch for a pixel */
const BUTTON_OF = { 1: 0, 2: 2, 3: 1 }; /* by the fingers of a tap */

const fingers = new Map();
let most = 0; /* fingers since the first one came */
let began = 0, moved = false, dragging = false;
let tapped = -Infinity; /* when the last tap ended */
let longPress, dragLock = false;

function drag(down)
{
	if (down === dragging)
		return;
	dragging = down;
	pressButton(USUAL_MOUSE, 0, down);
}

function begin(e)
{
	most = 0;
	began = e.timeStamp;
	moved = false;
	if (dragLock && dragging)
		return;
	if (e.timeStamp - tapped < TAP_MS)
		drag(true);
	else
		longPress = setTimeout(() => {
			moved = true; /* it is no tap any more */
			clickButton(USUAL_MOUSE, 2);
		}, LONG_MS);
}

function finish(e)
{
	const isTap = !moved && e.timeStamp - began < TAP_MS;

	if (dragging && (!dragLock || isTap)) {
		drag(false);
		if (isTap && !dragLock)
			clickButton(USUAL_MOUSE, 0); /* the second of two */
	} else if (isTap && BUTTON_OF[most] !== undefined) {
		clickButton(USUAL_MOUSE, BUTTON_OF[most]);
		tapped = most === 1 ? e.timeStamp : -Infinity;
	}
}

function move(e, finger)
{
	const x = e.clientX - finger.x, y = e.clientY - finger.y;

	if (!moved && Math.hypot(e.clientX - finger.x0,
				 e.clientY - finger.y0) < SLACK)
		return;
	moved = true;
	clearTimeout(longPress);
	finger.x = e.clientX;
	finger.y = e.clientY;
	if (fingers.size === 1)
		sendMotion(x * SPEED, y * SPEED);
	else if (fingers.size === 2) /* what is shown follows them */
		sendWheel(-x / 2 * WHEEL_SPEED, -y / 2 * WHEEL_SPEED);
}

/* down: null: it moves. */
export function gesture(e, down)
{
	const finger = fingers.get(e.pointerId);

	if (down) {
		if (!fingers.size)
			begin(e);
		else
			clearTimeout(longPress);
		fingers.set(e.pointerId, { x: e.clientX, y: e.clientY,
					   x0: e.clientX, y0: e.clientY });
		most = Math.max(most, fingers.size);
	} else if (finger && down === null) {
		move(e, finger);
	} else if (finger) {
		fingers.delete(e.pointerId);
		clearTimeout(longPress);
		moved ||= e.type === 'pointercancel';
		if (!fingers.size)
			finish(e);
	}
}

/* A drag lasts until the next tap. */
export function lockDrags(lock)
{
	dragLock = lock;
	if (!lock)
		drag(false);
}

on('letgo', () => {
	clearTimeout(longPress);
	fingers.clear();
	dragging = false;
});
