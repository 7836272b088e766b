// SPDX-License-Identifier: Apache-2.0
// usage: test-picture.mjs [video]
//
// The screen of a VNC server in the page of vinput-stream: that it is seen, and
// that a tap on a spot of it is that spot on the touchscreen. By noVNC over a
// WebSocket, or as a video over WebRTC.
import { join } from 'node:path';
import { runCase, skip } from './cases.mjs';
import { directory, Guest, hasNetwork, launch, open, openBrowser, pointOf, runAll, stream,
	 until } from './rig.mjs';
import { Vnc } from './vnc.mjs';

const isVideo = process.argv[2] === 'video';
const SHOWN = isVideo ? '#video' : '#picture canvas';
const OFF = isVideo ? 40 : 8; /* of 255; VP8 is not exact */
const CURSOR = -239; /* RFC 6143 §7.8.1 */
const DISPLAY = { width: 1280, height: 800 };
const CARD = { width: 640, height: 480 }; /* without a touchscreen */

// The colour of the page at a point of the picture, by fractions.
async function colourAt(page, x, y)
{
	const at = await pointOf(page, x, y);
	const png = await page.screenshot({ clip: { ...at, width: 1,
						    height: 1 } });

	return page.evaluate(async base64 => {
		const image = await createImageBitmap(new Blob([
			Uint8Array.from(atob(base64), c => c.charCodeAt(0))]));
		const canvas = new OffscreenCanvas(1, 1);
		const context = canvas.getContext('2d');

		context.drawImage(image, 0, 0);
		return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
	}, png.toString('base64'));
}

// Squares' middles, so that scaling does not mix them.
async function expectPicture(page, vnc)
{
	for (const [x, y] of [[8, 8], [vnc.width - 8, 8],
			      [8, vnc.height - 8],
			      [vnc.width - 8, vnc.height - 8],
			      [vnc.width / 2 + 8, vnc.height / 2 + 8]]) {
		const want = vnc.colour(x, y);

		await until(async () => {
			const got = await colourAt(page, x / vnc.width,
						   y / vnc.height);

			return got.every((v, i) => Math.abs(v - want[i]) < OFF);
		});
	}
}

const shape = page => page.evaluate(shown => {
	const s = document.getElementById('surface').getBoundingClientRect();
	const c = document.querySelector(shown).getBoundingClientRect();

	return { ratio: s.width / s.height,
		 off: Math.max(...['left', 'top', 'right', 'bottom'].map(
			 side => Math.abs(s[side] - c[side]))) };
}, SHOWN);

async function expectShape(page, width, height)
{
	await until(async () => {
		const { ratio, off } = await shape(page).catch(() => ({}));

		return Math.abs(ratio - width / height) < 0.01 && off < 0.1;
	});
}

// A finger on a spot of the picture; what the touchscreen sends of it.
async function tap(page, guest, x, y)
{
	const cdp = await page.context().newCDPSession(page);
	const send = (type, touchPoints) =>
		cdp.send('Input.dispatchTouchEvent', { type, touchPoints });

	await send('touchStart', [{ id: 0, ...await pointOf(page, x, y) }]);
	const frame = await guest.next('touch_0');

	await send('touchEnd', []);
	await until(() => guest.held() === '');
	await guest.settle();
	return ['X', 'Y'].map(axis => Number(frame.match(
		`ABS_MT_POSITION_${axis} (\\d+)`)[1]));
}

async function expectTaps(page, guest)
{
	const scale = await page.evaluate(() => {
		const r = document.getElementById('surface')
			.getBoundingClientRect();

		return [r.width, r.height];
	});

	for (const [x, y] of [[0.25, 0.25], [0.5, 0.75], [0.9, 0.1]]) {
		const [gotX, gotY] = await tap(page, guest, x, y);
		const off = [gotX - x * (DISPLAY.width - 1),
			     gotY - y * (DISPLAY.height - 1)];
		/* At most one pixel of the page. */
		const most = [DISPLAY.width / scale[0] + 1,
			      DISPLAY.height / scale[1] + 1];

		if (off.some((v, i) => Math.abs(v) > most[i]))
			throw Error(`${x}, ${y} became ${gotX}, ${gotY}`);
	}
}

// The pixel in the middle of the pointer above the picture; null: the page's own.
const cursorPixel = page => page.evaluate(async () => {
	const { cursor } = getComputedStyle(
		document.getElementById('surface'));
	const match = cursor.match(/url\("(data:[^"]+)"\) (\d+) (\d+)/);

	if (!match)
		return null;
	const image = new Image();

	image.src = match[1];
	await image.decode();
	const canvas = new OffscreenCanvas(image.width, image.height);
	const context = canvas.getContext('2d');

	context.drawImage(image, 0, 0);
	return [...context.getImageData(Number(match[2]), Number(match[3]),
					1, 1).data];
});

// QEMU sends it apart from the picture, and only QEMU is asked to.
async function pointerIsTheGuests(browser)
{
	const where = join(directory(), 'vnc');
	const qemu = new Vnc(where), other = new Vnc(`${where}-other`);
	const dir = await launch('--tablet', '--mouse');
	const { urls } = await stream(dir, `--display=unix:${where}`,
				      `--display=unix:${where}-other`);

	qemu.name = 'QEMU';
	await qemu.start();
	await other.start();
	const page = await open(browser, urls[0], 'WebSocket');
	const expectPixel = wanted => until(async () =>
		String(await cursorPixel(page)) === String(wanted));

	await until(() => qemu.encodings.includes(CURSOR));
	qemu.setCursor(16, [200, 40, 80]);
	await expectPixel([200, 40, 80, 255]);
	await page.click('#tab-pointer');
	await page.selectOption('#mouse', 'relative');
	await expectPixel(null);
	await page.selectOption('#mouse', 'absolute');
	await expectPixel([200, 40, 80, 255]);
	await page.click('#tab-more');
	await page.selectOption('#display', { index: 1 });
	await until(() => other.encodings.length);
	if (other.encodings.includes(CURSOR))
		throw Error('its pointer is no more in its picture');
	await expectPixel(null);
	await page.context().close();
}

async function main()
{
	if (isVideo && !hasNetwork)
		return runCase('video_of_a_screen', () => skip(
			'no network but loopback, where Chromium has no WebRTC'));
	const where = join(directory(), 'vnc');
	const vnc = new Vnc(where);
	const dir = await launch('--keyboard', '--mouse',
				 `--display=${DISPLAY.width}x${DISPLAY.height}`);
	const labels = ['keyboard', 'mouse', 'touch_0'];
	const guest = new Guest(...labels.map(l => `${dir}/${l}.sock`));
	const { urls } = await stream(dir, `--display=unix:${where}`,
				      `--display=second=unix:${where}-none`,
				      ...isVideo ? ['--rtc-address=127.0.0.1']
						 : []);
	const { browser } = await openBrowser();
	let page;

	await until(() => guest.seen.size === labels.length);
	/* In a video, the server writes it on a card as large as the device. */
	const isCard = size => page.evaluate(({ width, height }) => {
		const v = document.getElementById('video');

		return v.videoWidth === width && v.videoHeight === height;
	}, size);
	const says = text => until(async () => {
		if (!isVideo)
			return (await page.textContent('#noPicture'))
				.includes(text);
		if (!text)
			return page.isHidden('#noPicture');
		return isCard(text.startsWith('second') ? CARD : DISPLAY);
	});

	await runCase('server_that_is_not_running_is_named', async () => {
		page = await open(browser, urls[0],
				  isVideo ? 'WebRTC' : 'WebSocket');
		await says(`No picture: VNC server at unix:${where} is not ` +
			   'running.');
	});
	await runCase('picture_comes_when_its_server_does', async () => {
		await vnc.start();
		await expectPicture(page, vnc);
		await says('');
	});
	await runCase('picture_changes_with_the_screen', async () => {
		vnc.paint(7);
		await expectPicture(page, vnc);
	});
	await runCase('tap_on_the_picture_is_that_spot_in_the_device',
		      () => expectTaps(page, guest));
	await runCase('page_follows_the_size_of_the_screen', async () => {
		vnc.resize(192, 256);
		vnc.paint(3);
		await expectShape(page, 192, 256);
		await expectPicture(page, vnc);
		await expectTaps(page, guest);
	});
	await runCase('picture_turns_with_the_display', async () => {
		await page.click('#tab-more');
		await page.click('#rotate');
		await until(async () => Math.abs((await shape(page)).ratio -
						 256 / 192) < 0.01);
		for (let i = 0; i < 3; i++)
			await page.click('#rotate');
		await expectShape(page, 192, 256);
	});
	await runCase('picture_comes_back_with_its_server', async () => {
		vnc.stop();
		await says('is not running');
		await vnc.start();
		await expectPicture(page, vnc);
	});
	if (!isVideo) /* which has it drawn by the server */
		await runCase('pointer_of_the_guest_is_that_of_the_page',
			      () => pointerIsTheGuests(browser));
	await runCase('one_of_several_displays_is_chosen', async () => {
		await page.selectOption('#display', { label: 'second' });
		await says(isVideo ? 'second' : 'is not running');
		await page.touchscreen.tap(...Object.values(
			await pointOf(page, 0.5, 0.5)));
		await guest.expectNothing();
		await page.selectOption('#display', { label: 'Display 0' });
		await expectPicture(page, vnc);
	});
	if (isVideo)
		await runCase('picture_may_be_exact_or_a_video', async () => {
			await page.selectOption('#pictureWay', 'drawn');
			await page.waitForSelector('#picture canvas');
			await page.waitForSelector('#video',
						   { state: 'hidden' });
			await expectPicture(page, vnc);
			await page.reload();
			await page.waitForSelector('#picture canvas');
			await page.click('#tab-more');
			await page.selectOption('#pictureWay', 'video');
			await page.waitForSelector('#picture canvas',
						   { state: 'detached' });
			await page.waitForSelector('#video');
			await expectPicture(page, vnc);
		});
	await runCase('keys_and_pointers_do_not_reach_the_server', async () => {
		await page.focus('#area');
		await page.keyboard.type('hello');
		const { x, y } = await pointOf(page, 0.5, 0.5);

		await page.mouse.move(x, y);
		await page.mouse.down();
		await page.mouse.up();
		await page.mouse.wheel(0, 120);
		await guest.settle();
		if (vnc.other || !vnc.viewers.size)
			throw Error(`${vnc.other} messages came`);
	});
}

await runAll(main);
