// SPDX-License-Identifier: Apache-2.0
// Ways from a guest's screen to a browser, and how long they take. A way is
// { name, url, focus, watch }: focus(page) makes keys go to the guest, watch is run
// in the page before its scripts, and pushes to window.drawn when it was drawn.
import { stream } from './rig.mjs';
import { servePlain } from './plain-novnc.mjs';

const LOADS = 7;

export const median =
	list => [...list].sort((a, b) => a - b)[list.length >> 1];

// When the canvas that is seen was drawn.
function watchCanvas()
{
	const { drawImage } = CanvasRenderingContext2D.prototype;

	CanvasRenderingContext2D.prototype.drawImage = function(...args) {
		drawImage.apply(this, args);
		if (this.canvas.isConnected)
			window.drawn.push(performance.now());
	};
}

// When a frame of the page's video was shown in which something is another
// colour: frames without a change come, too, and VP8 is not exact.
function watchVideo()
{
	const MUCH = 48, PIXELS = 4;
	const context = new OffscreenCanvas(1, 1).getContext('2d',
		{ willReadFrequently: true });
	let last = [];
	const isOther = data => {
		let n = data.length === last.length ? 0 : PIXELS;

		for (let i = 0; i < data.length && n < PIXELS; i += 4)
			n += Math.abs(data[i] - last[i]) > MUCH ||
				Math.abs(data[i + 1] - last[i + 1]) > MUCH;
		return n >= PIXELS;
	};

	addEventListener('DOMContentLoaded', () => {
		const video = document.getElementById('video');
		const look = () => {
			const now = performance.now();
			const { videoWidth: width, videoHeight: height } = video;

			Object.assign(context.canvas, { width, height });
			context.drawImage(video, 0, 0);
			const { data } = context.getImageData(0, 0, width, height);

			if (isOther(data))
				window.drawn.push(now);
			last = data;
			video.requestVideoFrameCallback(look);
		};

		video?.requestVideoFrameCallback(look);
	});
}

function watchKeys()
{
	window.drawn = [];
	addEventListener('keydown', () => {
		window.pressed = performance.now();
		window.drawn = [];
	}, true);
}

const focusArea = page => page.focus('#area');

// By their names: make(dir, vnc) for the launcher of dir and the VNC server at
// vnc.
const WAYS = {
	/* Its keys go to the VNC server. */
	novnc: async (dir, vnc) => ({
		url: await servePlain(vnc),
		focus: page => page.evaluate(() => window.rfb.focus()),
		watch: watchCanvas,
	}),
	relay: async (dir, vnc) => ({
		url: (await stream(dir, `--display=unix:${vnc}`)).urls[0],
		focus: focusArea,
		watch: watchCanvas,
	}),
	video: async (dir, vnc) => ({
		url: (await stream(dir, `--display=unix:${vnc}`,
				   '--rtc-address=127.0.0.1')).urls[0],
		focus: focusArea,
		watch: watchVideo,
	}),
};

// names: of ways, with commas; '': all of them.
export async function openWays(names, dir, vnc)
{
	const ways = [];

	for (const name of names ? names.split(',') : Object.keys(WAYS)) {
		if (!WAYS[name])
			throw Error(`no way ${name}: there are ` +
				    Object.keys(WAYS).join(', '));
		ways.push({ name, ...await WAYS[name](dir, vnc) });
	}
	return ways;
}

// --- measuring ---

export async function openPage(context, way)
{
	const page = await context.newPage();

	await page.addInitScript(watchKeys);
	await page.addInitScript(way.watch);
	await page.goto(way.url);
	await page.waitForFunction(() => window.drawn.length);
	return page;
}

async function timeFirst(context, way)
{
	const page = await openPage(context, way);
	const took = await page.evaluate(() => window.drawn[0]);

	await page.close();
	return took;
}

// From the request of the page until its first picture, in ms.
export async function timeLoads(context, way)
{
	const took = [];

	/* The first one trades the token, and fills caches. */
	await timeFirst(context, way);
	for (let i = 0; i < LOADS; i++)
		took.push(await timeFirst(context, way));
	return median(took);
}

// From a key, which MUST change the picture, until that is drawn, in ms.
export async function timeKey(page, key)
{
	await page.keyboard.down(key);
	await page.waitForFunction(() => window.drawn.length, null,
				   { polling: 5 });
	const took = await page.evaluate(
		() => window.drawn[0] - window.pressed);

	await page.keyboard.up(key);
	return took;
}
