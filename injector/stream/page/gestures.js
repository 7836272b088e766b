/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fingers as on a touchpad: one moves, a tap clicks, a tap and a drag drags, a
 * long press or a tap of two is a right click, a tap of three a middle click,
 * two fingers scroll, or, if that is chosen, zoom by the wheel with Ctrl.
 */
import { clickButton, pressButton } from './buttons.js';
import { pressKey } from './keyboard.js';
import { on, sendMotion, sendWheel } from './link.js';

const USUAL_MOUSE = '';
const SLACK = 8; /* pixels that a resting finger moves */
const TAP_MS = 250; /* a tap lasts, and until the drag after it begins */
const LONG_MS = 600;
const SPEED = 1.5; /* counts for a pixel */
const WHEEL_SPEED = 3; /* 1/120 of a notch for a pixel */
const CLEAR = 40; /* pixels that tell what one finger of two does */
const BUTTON_OF = { 1: 0, 2: 2, 3: 1 }; /* by the fingers of a tap */

const fingers = new Map();
let most = 0; /* fingers since the first one came */
let began = 0, moved = false, dragging = false;
let tapped = -Infinity; /* when the last tap ended */
let longPress, dragLock = false;
let pinches = false; /* it is chosen */
let pair = null; /* what two fingers do: null: not known yet */

function drag(down)
{
	if (down === dragging)
		return;
	dragging = down;
	pressButton(USUAL_MOUSE, 0, down);
}

/* --- two fingers --- */

const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
const way = f => Math.hypot(f.x - f.x0, f.y - f.y0);

function beginPair()
{
	const [a, b] = fingers.values();

	pair = pinches ? null : 'scroll';
	for (const f of [a, b])
		[f.x0, f.y0] = [f.x, f.y];
}

function endPair()
{
	if (pair === 'pinch')
		pressKey('ControlLeft', false);
	pair = null;
}

/* They pinch if their distance changes more than their middle moves. */
function decide(a, b)
{
	const ways = [way(a), way(b)];
	const began = Math.hypot(a.x0 - b.x0, a.y0 - b.y0);
	const middle = Math.hypot(a.x + b.x - a.x0 - b.x0,
				  a.y + b.y - a.y0 - b.y0) / 2;

	if (Math.max(...ways) < CLEAR && Math.min(...ways) < SLACK / 2)
		return;
	pair = Math.abs(distance(a, b) - began) > middle ? 'pinch' : 'scroll';
	if (pair === 'pinch')
		pressKey('ControlLeft', true);
}

/* x, y: a finger has moved; wider: by so much from the other one. */
function movePair(x, y, wider)
{
	if (pair === null)
		decide(...fingers.values());
	else if (pair === 'pinch')
		sendWheel(0, -wider * WHEEL_SPEED);
	else /* what is shown follows them */
		sendWheel(-x / 2 * WHEEL_SPEED, -y / 2 * WHEEL_SPEED);
}

/* --- all --- */

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
	const apart = () => distance(...fingers.values());
	const before = fingers.size === 2 ? apart() : 0;

	finger.x = e.clientX;
	finger.y = e.clientY;
	if (fingers.size === 1)
		sendMotion(x * SPEED, y * SPEED);
	else if (fingers.size === 2)
		movePair(x, y, apart() - before);
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
		if (fingers.size === 2)
			beginPair();
	} else if (finger && down === null) {
		move(e, finger);
	} else if (finger) {
		fingers.delete(e.pointerId);
		clearTimeout(longPress);
		endPair();
		if (fingers.size === 2)
			beginPair();
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

export function choosePinch(on)
{
	pinches = on;
}

on('letgo', () => {
	clearTimeout(longPress);
	fingers.clear();
	pair = null;
	dragging = false;
});
