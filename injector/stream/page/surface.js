/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the picture lies in the area: as large as it fits, with the shape of
 * the device, turned. A position is found from where the browser has laid it
 * out, which holds under any zoom, letterbox and number of device pixels.
 */
import { letGo } from './held.js';
import { on, sendMessage, u16, withRole } from './link.js';
import { recall, remember } from './memory.js';
import { texts } from './texts.js';

const at = id => document.getElementById(id);
export const area = at('area');
const surface = at('surface'), video = at('video');

export const view = { degrees: 0, device: null };
const streams = new Map(); /* of video, by their names */

/* Without a device that has a shape: all of the area. */
function fit()
{
	const { clientWidth, clientHeight } = area;
	const { width = clientWidth, height = clientHeight } =
		view.device || {};
	const turned = view.degrees % 180 !== 0 && view.device;
	const [w, h] = turned ? [height, width] : [width, height];
	const scale = Math.min(clientWidth / w, clientHeight / h);

	surface.style.width = `${w * scale}px`;
	surface.style.height = `${h * scale}px`;
	surface.style.left = `${(clientWidth - w * scale) / 2}px`;
	surface.style.top = `${(clientHeight - h * scale) / 2}px`;
	video.style.width = `${width * scale}px`;
	video.style.height = `${height * scale}px`;
	video.style.transform =
		`translate(-50%, -50%) rotate(${view.degrees}deg)`;
}

/* As fractions of the surface, which may be outside of 0..1. */
export function fractions(e)
{
	const r = surface.getBoundingClientRect();

	return [(e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height];
}

export const place = e => fractions(e).map(u16);
export const isInside = e => fractions(e).every(v => v >= 0 && v <= 1);
/* The surface's width in pixels of the page. */
export const surfaceWidth = () => surface.getBoundingClientRect().width;

/* --- the picture --- */

/* Streams come in the order of the touchscreens that have a size. */
function showVideo()
{
	const index = withRole('touch').filter(d => d.width)
		.indexOf(view.device);
	const stream = streams.get(`display_${index}`) || null;

	if (video.srcObject !== stream)
		video.srcObject = stream;
	video.hidden = !stream;
	at('hint').hidden = Boolean(stream);
}

on('video', stream => {
	if (stream)
		streams.set(stream.id, stream);
	else
		streams.clear();
	showVideo();
});

/* --- the device whose shape it has --- */

let wanted = recall('display'); /* its label */

function show(devices)
{
	view.device = devices.find(d => d.label === wanted) || devices[0] ||
		null;
	fit();
	surface.hidden = false;
	showVideo();
}

const shaped = role => withRole(role).filter(d => d.width && d.height);

/* Which of several is shown; pens have the shape of one. */
function offerDisplays()
{
	const screens = shaped('touch');
	const select = at('display');

	at('displays').hidden = screens.length < 2;
	select.replaceChildren(...screens.map((d, i) => new Option(
		texts.displayName(i, d), d.label)));
	show(screens.length ? screens : shaped('pen'));
	select.value = view.device?.label;
}

on('devices', offerDisplays);
at('display').addEventListener('change', () => {
	wanted = at('display').value;
	remember('display', wanted);
	letGo();
	show(shaped('touch'));
});

/* --- rotation --- */

function tellRotation()
{
	sendMessage({ type: 'rotate', degrees: view.degrees });
}

at('rotate').addEventListener('click', () => {
	view.degrees = (view.degrees + 90) % 360;
	at('degrees').textContent = texts.rotation(view.degrees);
	tellRotation();
	fit();
});
on('hello', () => {
	if (view.degrees)
		tellRotation();
});
at('degrees').textContent = texts.rotation(0);
new ResizeObserver(fit).observe(area);
