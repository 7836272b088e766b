/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's pointer, which QEMU sends apart from the picture: it becomes that
 * of this computer, where the mouse points at the same place in both.
 */
const surface = document.getElementById('surface');

/* noVNC, 1.3 to 1.7, takes red for blue here, not in pictures. */
function mended({ rgbaPixels })
{
	const pixels = new Uint8ClampedArray(rgbaPixels);

	for (let at = 0; at < pixels.length; at += 4)
		[pixels[at], pixels[at + 2]] = [pixels[at + 2], pixels[at]];
	return pixels;
}

const isSeen = ({ rgbaPixels }) =>
	rgbaPixels.some((value, i) => i % 4 === 3 && value);

/* image: RGBA, its size and hot spot, as noVNC has them; null: none. */
export function showCursor(image)
{
	if (!image?.w || !image.h || !isSeen(image)) {
		surface.style.removeProperty('--cursor');
		return;
	}
	const canvas = document.createElement('canvas');
	const { w, h, hotx, hoty } = image;

	canvas.width = w;
	canvas.height = h;
	canvas.getContext('2d').putImageData(
		new ImageData(mended(image), w, h), 0, 0);
	surface.style.setProperty('--cursor',
		`url(${canvas.toDataURL()}) ${hotx} ${hoty}, crosshair`);
}
