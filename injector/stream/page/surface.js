/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the picture lies in the area: as large as it fits, with the shape of
 * the device, turned. A position is found from where the browser has laid it
 * out, which holds under any zoom, letterbox and number of device pixels.
 */
import { letGo } from './held.js';
import { emit, on, sendMessage, u16, withRole } from './link.js';
import { recall, remember } from './memory.js';
import { streamOf } from './streams.js';
import { texts } from './texts.js';

const at = id => document.getElementById(id);
export const area = at('area');
const surface = at('surface'), video = at('video'), picture = at('picture');

/*
 * picture: its size; display: its number, null: there is only a device; isLone:
 * there is no other display, nor another touchscreen.
 */
export const view = { degrees: 0, device: null, picture: null,
		      display: null, isLone: true };
let playing = null; /* the stream of a picture that is a video */

/* Without a picture, or a device that has a shape: all of the area. */
function fit()
{
	const { clientWidth, clientHeight } = area;
	const shape = view.picture || view.device;
	const { width = clientWidth, height = clientHeight } = shape || {};
	const turned = view.degrees % 180 !== 0 && shape;
	const [w, h] = turned ? [height, width] : [width, height];
	const scale = Math.min(clientWidth / w, clientHeight / h);

	surface.style.width = `${w * scale}px`;
	surface.style.height = `${h * scale}px`;
	surface.style.left = `${(clientWidth - w * scale) / 2}px`;
	surface.style.top = `${(clientHeight - h * scale) / 2}px`;
	for (const { style } of [video, picture]) {
		style.width = `${width * scale}px`;
		style.height = `${height * scale}px`;
		style.transform =
			`translate(-50%, -50%) rotate(${view.degrees}deg)`;
	}
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

/* The touchscreen touch_3 is display 3. */
function numberOf(device)
{
	const [, number] = device?.label.match(/^touch_(\d+)$/) || [];

	return number ?? withRole('touch').filter(d => d.width).indexOf(device);
}

/* That of a picture, or without one a touchscreen's, which is a test card. */
function showVideo()
{
	const stream = view.display === null ? streamOf(numberOf(view.device))
					     : playing;

	if (video.srcObject !== stream)
		video.srcObject = stream;
	video.hidden = !stream;
	picture.hidden = !view.picture || Boolean(stream);
	at('hint').hidden = Boolean(stream || view.picture);
}

/*
 * Its width and height, or null: it has none now; and its stream, if it is a
 * video.
 */
export function showPicture(size, stream = null)
{
	playing = stream;
	view.picture = size && { width: size.width, height: size.height };
	showVideo();
	fit();
}

on('streams', showVideo);

/* --- the display, and the device whose shape it has --- */

let wanted = recall('display'); /* the label of its device */
let pictures = []; /* of displays, for picture.js */

const shaped = role => withRole(role).filter(d => d.width && d.height);
const labelOf = picture => `touch_${picture.number}`;
const find = (list, label) =>
	list.find(each => label(each) === wanted) || list[0] || null;

/* Never that of another display: a touch would go there. */
function deviceOf(picture, list)
{
	if (!picture)
		return find(list, d => d.label);
	return list.find(d => d.label === labelOf(picture)) ||
		(view.isLone && list[0]) || null;
}

function show()
{
	const screens = shaped('touch');
	const shown = find(pictures, labelOf);

	view.isLone = pictures.length < 2 && withRole('touch').length < 2;
	view.device = screens.length ? deviceOf(shown, screens)
				     : shaped('pen')[0] || null;
	view.display = shown?.number ?? null;
	fit();
	surface.hidden = false;
	showVideo();
	emit('display', view.display);
}

/* Which of several is shown; pens have the shape of one. */
function offerDisplays()
{
	const screens = shaped('touch');
	const options = pictures.length
		? pictures.map(p => new Option(texts.pictureName(p.name),
					       labelOf(p)))
		: screens.map((d, i) => new Option(texts.displayName(i, d),
						   d.label));
	const select = at('display');

	at('displays').hidden = options.length < 2;
	select.replaceChildren(...options);
	show();
	select.value = pictures.length ? labelOf(find(pictures, labelOf))
				       : view.device?.label;
}

on('hello', ({ displays }) => {
	pictures = displays;
});
on('devices', offerDisplays);
at('display').addEventListener('change', () => {
	wanted = at('display').value;
	remember('display', wanted);
	letGo();
	show();
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
