// SPDX-License-Identifier: Apache-2.0
// Fingers and mice on the page of vinput-stream: where they are, whatever the
// window, zoom and rotation, and what their gestures mean.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameOf, runCase } from './cases.mjs';
import { counter, directory, Guest, inModule, launch, open, openBrowser, pointOf,
	 runAll, sleep, stream, until } from './rig.mjs';

const DISPLAY = { width: 1080, height: 1920 };
const SPOTS = [[0.02, 0.03], [0.5, 0.5], [0.25, 0.9], [0.98, 0.97]];
const LONG_MS = 800; /* longer than a tap, and than a long press takes */

const cdpOf = page => page.context().newCDPSession(page);

// Fingers at points of the window: [[id, { x, y }], ...].
function fingers(cdp)
{
	return (type, points = []) => cdp.send('Input.dispatchTouchEvent', {
		type, touchPoints: points.map(([id, at]) => ({ id, ...at })) });
}

const moved = (at, x, y) => ({ x: at.x + x, y: at.y + y });

// --- positions ---

// The position that a turned picture has at these fractions.
function turnedBack([x, y], degrees)
{
	return { 0: [x, y], 90: [y, 1 - x], 180: [1 - x, 1 - y],
		 270: [1 - y, x] }[degrees];
}

function expectPosition(frame, wanted)
{
	const value = name => Number(frame.match(`${name} (\\d+)`)?.[1]);
	const got = [value('ABS_MT_POSITION_X'), value('ABS_MT_POSITION_Y')];
	const far = got.some((v, i) => !(Math.abs(v - wanted[i]) <= 1));

	if (far)
		throw Error(`at ${got}, not ${wanted.map(Math.round)}`);
}

// A pixel of the window, in the middle of which a finger comes down.
async function spotOf(page, fractions)
{
	return page.evaluate(([fx, fy]) => {
		const r = document.getElementById('surface')
			.getBoundingClientRect();
		const v = visualViewport;
		const x = Math.round(r.left + fx * r.width);
		const y = Math.round(r.top + fy * r.height);

		return {
			window: { x: x - v.offsetLeft, y: y - v.offsetTop },
			isVisible: x > v.offsetLeft && y > v.offsetTop &&
				x < v.offsetLeft + v.width &&
				y < v.offsetTop + v.height,
			fractions: [(x - r.left) / r.width,
				    (y - r.top) / r.height],
		};
	}, fractions);
}

async function tapAll(page, guest, degrees)
{
	const touch = fingers(await cdpOf(page));
	let tapped = 0;

	for (const fractions of SPOTS) {
		const spot = await spotOf(page, fractions);
		const [x, y] = turnedBack(spot.fractions, degrees);

		if (!spot.isVisible)
			continue;
		await touch('touchStart', [[0, spot.window]]);
		expectPosition(await guest.next('touch_0'),
			       [x * (DISPLAY.width - 1),
				y * (DISPLAY.height - 1)]);
		await touch('touchEnd');
		await guest.settle();
		tapped++;
	}
	if (!tapped)
		throw Error('no spot is in the window');
}

function exact({ context, degrees = 0, zoom = 1 })
{
	return async ({ browser, url, guest }) => {
		const page = await open(browser, url, 'WebSocket', { context });

		await page.click('#tab-more');
		for (let turned = 0; turned < degrees; turned += 90)
			await page.click('#rotate');
		await (await cdpOf(page)).send('Emulation.setPageScaleFactor',
					       { pageScaleFactor: zoom });
		await guest.settle();
		await tapAll(page, guest, degrees).finally(
			() => page.context().close());
	};
}

async function besideThePicture({ guest, page })
{
	const touch = fingers(await cdpOf(page));
	const inside = await pointOf(page, 0.9, 0.5);

	await touch('touchStart', [[0, await pointOf(page, -0.3, 0.5)]]);
	await touch('touchMove', [[0, inside]]);
	await touch('touchEnd');
	await guest.expectNothing();
	await touch('touchStart', [[0, inside]]);
	await touch('touchMove', [[0, await pointOf(page, 1.4, 0.5)]]);
	await until(() => guest.frames.get('touch_0').some(
		frame => frame.includes(`POSITION_X ${DISPLAY.width - 1}`)));
	await touch('touchEnd');
	await until(() => guest.held() === '');
}

async function cancelled({ guest, page })
{
	const touch = fingers(await cdpOf(page));

	await touch('touchStart', [[0, await pointOf(page, 0.5, 0.5)]]);
	await until(() => guest.held().includes('touch_0'));
	await touch('touchCancel');
	await until(() => guest.held() === '');
}

// --- gestures ---

// Sent at once, so that even on a busy machine it is short.
async function tap(page, ...points)
{
	const touch = fingers(await cdpOf(page));

	await Promise.all([touch('touchStart', points.map((at, id) => [id, at])),
			   touch('touchEnd')]);
}

// The same, and at once a finger that stays, which begins a drag.
async function tapAndHold(page, at)
{
	const touch = fingers(await cdpOf(page));

	await Promise.all([touch('touchStart', [[0, at]]), touch('touchEnd'),
			   touch('touchStart', [[0, at]])]);
	return touch;
}

async function taps({ guest, page })
{
	const at = await pointOf(page, 0.5, 0.5);

	for (const [n, button] of [[1, 'LEFT'], [2, 'RIGHT'], [3, 'MIDDLE']]) {
		const points = [0, 30, 60].slice(0, n);

		await tap(page, ...points.map(x => moved(at, x, 0)));
		await guest.expect('mouse', `BTN_${button} 1`,
				   `BTN_${button} 0`);
		await sleep(LONG_MS);
	}
	await guest.expectNothing();
}

async function longPress({ guest, page })
{
	const touch = fingers(await cdpOf(page));

	await touch('touchStart', [[0, await pointOf(page, 0.5, 0.5)]]);
	await guest.expect('mouse', 'BTN_RIGHT 1', 'BTN_RIGHT 0');
	await touch('touchEnd');
	await guest.expectNothing();
}

// The sums of what a device has moved by.
function sums(guest, name)
{
	let sum = 0;

	for (const frame of guest.frames.get('mouse'))
		sum += Number(frame.match(`${name} (-?\\d+)`)?.[1] || 0);
	return sum;
}

async function moves({ guest, page })
{
	const touch = fingers(await cdpOf(page));
	const at = await pointOf(page, 0.5, 0.5);

	await touch('touchStart', [[0, at]]);
	for (let i = 1; i <= 10; i++)
		await touch('touchMove', [[0, moved(at, 4 * i, -2 * i)]]);
	await sleep(LONG_MS);
	await touch('touchEnd');
	if (sums(guest, 'REL_X') !== 60 || sums(guest, 'REL_Y') !== -30)
		throw Error(`moved by ${sums(guest, 'REL_X')}, ` +
			    `${sums(guest, 'REL_Y')}`);
	if (guest.frames.get('mouse').some(frame => frame.includes('BTN')))
		throw Error('a button was pressed');
}

async function scrolls({ guest, page })
{
	const touch = fingers(await cdpOf(page));
	const at = await pointOf(page, 0.5, 0.5);
	const both = y => [[0, moved(at, 0, y)], [1, moved(at, 40, y)]];

	await touch('touchStart', both(0));
	for (let i = 1; i <= 10; i++)
		await touch('touchMove', both(8 * i));
	await touch('touchEnd');
	/* Fingers go down, and the text with them: it scrolls up. */
	await until(() => sums(guest, 'REL_WHEEL_HI_RES') === 240);
	if (sums(guest, 'REL_WHEEL') !== 2)
		throw Error(`${sums(guest, 'REL_WHEEL')} notches`);
}

// By choice, two fingers that part are the wheel with Ctrl, and no longer so
// when they go the same way.
async function pinches({ guest, page })
{
	const touch = fingers(await cdpOf(page));
	const at = await pointOf(page, 0.5, 0.5);
	const apart = (n, x = 0) => [[0, moved(at, x - n, 0)],
				     [1, moved(at, x + n, 0)]];
	const wheel = () => sums(guest, 'REL_WHEEL_HI_RES');

	await page.click('#pinch');
	await touch('touchStart', apart(20));
	for (let n = 1; n <= 10; n++)
		await touch('touchMove', apart(20 + 8 * n));
	await until(() => guest.held() === 'keyboard KEY_LEFTCTRL');
	await until(() => wheel() >= 300 && wheel() <= 480);
	await touch('touchEnd');
	await until(() => guest.held() === '');
	await guest.settle();
	await touch('touchStart', apart(40));
	for (let n = 1; n <= 10; n++)
		await touch('touchMove', apart(40, 8 * n));
	await until(() => sums(guest, 'REL_HWHEEL_HI_RES') < -100);
	await touch('touchEnd');
	if (guest.frames.get('keyboard').length || wheel())
		throw Error('fingers that go the same way have pinched');
	await page.click('#pinch');
}

async function drags({ guest, page })
{
	const at = await pointOf(page, 0.5, 0.5);
	const touch = await tapAndHold(page, at);

	await guest.expect('mouse', 'BTN_LEFT 1', 'BTN_LEFT 0', 'BTN_LEFT 1');
	await touch('touchMove', [[0, moved(at, 40, 0)]]);
	await guest.expect('mouse', 'REL_X 60');
	await touch('touchEnd');
	await guest.expect('mouse', 'BTN_LEFT 0');
}

async function locksDrags({ guest, page })
{
	const at = await pointOf(page, 0.5, 0.5);

	await page.click('#dragLock');
	await sleep(LONG_MS);
	const touch = await tapAndHold(page, at);

	await guest.expect('mouse', 'BTN_LEFT 1', 'BTN_LEFT 0', 'BTN_LEFT 1');
	for (const isFirst of [true, false]) {
		if (!isFirst)
			await touch('touchStart', [[0, at]]);
		await touch('touchMove', [[0, moved(at, 40, 0)]]);
		await guest.expect('mouse', 'REL_X 60');
		await touch('touchEnd');
		await guest.expectNothing();
	}
	await tap(page, at);
	await guest.expect('mouse', 'BTN_LEFT 0');
	await page.click('#dragLock');
	await guest.expectNothing();
}

async function losesFocus({ guest, page })
{
	const at = await pointOf(page, 0.5, 0.5);

	await sleep(LONG_MS);
	const touch = await tapAndHold(page, at);

	await touch('touchMove', [[0, moved(at, 40, 0)]]);
	await until(() => guest.held() === 'mouse BTN_LEFT');
	await page.evaluate(() => dispatchEvent(new Event('blur')));
	await until(() => guest.held() === '');
	await touch('touchEnd');
}

// --- mice ---

async function pointsExactly({ guest, page })
{
	for (const fractions of SPOTS) {
		const spot = await spotOf(page, fractions);
		const wanted = spot.fractions.map(v => v * 32767);

		await page.mouse.move(spot.window.x, spot.window.y);
		await until(() => {
			const frame = guest.frames.get('tablet').at(-1) || '';
			const got = ['ABS_X', 'ABS_Y'].map(name => Number(
				frame.match(`${name} (\\d+)`)?.[1]));

			return got.every((v, i) => Math.abs(v - wanted[i]) <= 1);
		});
	}
}

async function captures({ guest, page })
{
	const isLocked = () => page.evaluate(
		() => document.pointerLockElement?.id === 'area');

	await page.click('#capture');
	await until(isLocked);
	await guest.settle();
	await page.mouse.move(300, 300);
	await guest.settle();
	await page.mouse.move(320, 290);
	await until(() => sums(guest, 'REL_X') === 20 &&
		sums(guest, 'REL_Y') === -10);
	await page.mouse.down();
	await until(() => guest.held() === 'mouse BTN_LEFT');
	await page.evaluate(() => document.exitPointerLock());
	await until(() => guest.held() === '');
	await page.mouse.up();
}

// As on Linux, where Chromium cannot have it raw; then it is captured without.
async function capturesWithoutRaw({ page })
{
	await page.evaluate(() => {
		const { requestPointerLock } = Element.prototype;

		window.asked = [];
		Element.prototype.requestPointerLock = function (options) {
			window.asked.push(Boolean(
				options?.unadjustedMovement));
			return options ? Promise.reject(new DOMException(
				'', 'NotSupportedError'))
				: requestPointerLock.call(this);
		};
	});
	await page.click('#capture');
	await until(() => page.evaluate(
		() => document.pointerLockElement?.id === 'area'));
	const asked = await page.evaluate(() => window.asked.join());

	if (asked !== 'true,false')
		throw Error(`asked for ${asked}`);
	await page.evaluate(() => document.exitPointerLock());
}

// Events made up: Chromium's own have pixels.
async function wheelModes({ guest, page })
{
	const wheel = (deltaMode, deltaX, deltaY) => page.evaluate(init =>
		document.getElementById('area').dispatchEvent(
			new WheelEvent('wheel', init)),
	{ deltaMode, deltaX, deltaY });

	for (const sign of [1, -1]) {
		await wheel(1, 0, 3 * sign);
		await guest.expect('mouse', `REL_WHEEL_HI_RES ${-120 * sign}, ` +
				   `REL_WHEEL ${-sign}`);
		await wheel(1, 3 * sign, 0);
		await guest.expect('mouse', `REL_HWHEEL_HI_RES ${120 * sign}, ` +
				   `REL_HWHEEL ${sign}`);
		await wheel(2, 0, sign);
		await guest.expect('mouse', `REL_WHEEL_HI_RES ${-800 * sign}, ` +
				   `REL_WHEEL ${-6 * sign}`);
		await wheel(2, sign, 0);
		await guest.expect('mouse', `REL_HWHEEL_HI_RES ${800 * sign}, ` +
				   `REL_HWHEEL ${6 * sign}`);
	}
	/* Pixels of a touchpad, of which four are no notch yet. */
	for (let i = 0; i < 4; i++)
		await wheel(0, 0, 0.5);
	await guest.expect('mouse', 'REL_WHEEL_HI_RES -1',
			   'REL_WHEEL_HI_RES -1');
}

async function screenButtons({ guest, page })
{
	const names = { Left: 'LEFT', Middle: 'MIDDLE', Right: 'RIGHT',
			Back: 'SIDE', Forward: 'EXTRA' };

	await page.click('#tab-pointer');
	for (const [text, name] of Object.entries(names)) {
		const button = page.getByRole('button',
					      { name: `${text} button` });

		await button.hover();
		await page.mouse.down();
		await guest.expect('mouse', `BTN_${name} 1`);
		await page.mouse.up();
		await guest.expect('mouse', `BTN_${name} 0`);
		await button.press('Enter');
		await guest.expect('mouse', `BTN_${name} 1`, `BTN_${name} 0`);
	}
}

// A touchscreen alone: the mouse is a finger.
async function mouseAsFinger({ browser, url, guest })
{
	const page = await open(browser, url, 'WebSocket');
	const at = await pointOf(page, 0.5, 0.5);

	await page.mouse.move(at.x, at.y);
	await guest.settle();
	await guest.expectNothing();
	await page.mouse.down();
	await until(() => guest.held().includes('touch_0 BTN_TOUCH'));
	await page.mouse.up();
	await until(() => guest.held() === '');
	await page.context().close();
}

// Nothing is sent that the server would reject, and reject the client for.
async function stays(page, { guest, stats })
{
	const before = await counter(stats, 'errors');
	const ever = await counter(stats, 'clients_ever');
	const { x, y } = await pointOf(page, 0.5, 0.5);

	await guest.settle();
	for (let i = 0; i < 200; i++) {
		await page.mouse.move(x + i % 50, y);
		await page.mouse.wheel(0, 10);
		await page.keyboard.press('a');
	}
	await guest.expectNothing();
	if (await counter(stats, 'errors') !== before ||
	    await counter(stats, 'clients_ever') !== ever)
		throw Error('the server rejected something');
	if (await page.textContent('#way') !== 'WebSocket')
		throw Error('disconnected');
}

// Of what is no control of HTML's: neither a key nor the mouse moves it.
async function staysDisabled(page, selector, count)
{
	const all = await page.locator(`${selector}[aria-disabled=true]`).all();
	const look = each => each.evaluate(e => e.innerHTML);

	if (all.length !== count)
		throw Error(`${all.length} of ${selector} are disabled`);
	for (const each of all) {
		const before = await look(each);

		await each.focus();
		await page.keyboard.down('ArrowLeft');
		await each.click({ force: true, position: { x: 5, y: 20 } });
		if (await look(each) !== before)
			throw Error(`${selector} moved`);
		await page.keyboard.up('ArrowLeft');
	}
}

async function onlyLooks(world)
{
	const page = await open(world.browser, world.look, 'WebSocket');

	await until(async () => await page.textContent('#error') ===
		'You may only look.');
	if (await page.locator(':is(#keys, #pointer, #pad) ' +
			       ':is(button, select, textarea):enabled').count())
		throw Error('a control is enabled');
	await page.click('#tab-pad');
	await staysDisabled(page, '.stick', 2);
	await page.click('#tab-more');
	await staysDisabled(page, '#dial', 1);
	await page.click('#tab-keys');
	await stays(page, world);
	await page.context().close();
}

async function hasNoMouse(world)
{
	const page = await open(world.browser, world.touch, 'WebSocket');

	await stays(page, world);
	await page.context().close();
}

// --- all of it ---

const phone = { viewport: { width: 360, height: 640 }, isMobile: true };
const places = {
	desktop: { context: {} },
	phone: { context: { ...phone, deviceScaleFactor: 3 } },
	phone_on_its_side: { context: { viewport: { width: 640, height: 360 },
					isMobile: true,
					deviceScaleFactor: 2.625 } },
	zoomed: { context: phone, zoom: 1.7 },
	turned_90: { context: {}, degrees: 90 },
	turned_180: { context: phone, degrees: 180 },
	turned_270: { context: { deviceScaleFactor: 3 }, degrees: 270 },
};

async function onPage(world, way, prepare, functions)
{
	const { browser, guest } = world;
	const page = await open(browser, world[way], 'WebSocket');

	await prepare(page);
	for (const f of functions) {
		await runCase(`pointer_${nameOf(f)}`, async () => {
			await guest.settle();
			try {
				await f({ guest, page });
			} finally {
				await inModule(page, 'held', m => m.letGo());
				await guest.settle();
			}
		});
	}
	await page.context().close();
}

async function main()
{
	const dir = await launch('--keyboard', '--mouse', '--tablet',
		`--display=${DISPLAY.width}x${DISPLAY.height}`);
	const labels = ['keyboard', 'mouse', 'tablet', 'touch_0'];
	const guest = new Guest(...labels.map(l => `${dir}/${l}.sock`));
	const tokens = join(directory(), 'tokens');

	writeFileSync(tokens, 'token-of-all-of-the-devices\n' +
		'token-of-the-touchscreen devices=touch_0\n' +
		'token-of-somebody-who-looks read-only\n');
	const { urls, stats } = await stream(dir, `--token-file=${tokens}`);
	const [all, touch, look] = urls;
	const { browser } = await openBrowser();
	const world = { browser, guest, stats, all, touch, look };

	await until(() => guest.seen.size === labels.length);
	for (const [name, where] of Object.entries(places))
		await runCase(`touch_is_exact_${name}`, () =>
			exact(where)({ browser, guest, url: all }));
	await runCase('mouse_as_finger', () =>
		mouseAsFinger({ browser, guest, url: touch }));
	await runCase('reader_only_looks', () => onlyLooks(world));
	await runCase('nothing_is_sent_without_a_device',
		      () => hasNoMouse(world));
	await onPage(world, 'all', () => {},
		     [besideThePicture, cancelled, pointsExactly]);
	await onPage(world, 'all', async page => {
		await page.click('#tab-pointer');
		await page.selectOption('#fingers', 'trackpad');
		await page.selectOption('#mouse', 'relative');
	}, [taps, longPress, moves, scrolls, pinches, drags, locksDrags, losesFocus,
	    wheelModes, screenButtons, captures, capturesWithoutRaw]);
}

await runAll(main);
