// SPDX-License-Identifier: Apache-2.0
// The page of vinput-stream in Chromium, and what reaches a guest: by WebRTC
// and by WebSocket alike.
import { runCase, skip } from './cases.mjs';
import { codes, keyOf } from './codes.mjs';
import { demo, hasNetwork, HEIGHT, inModule, open, pointOf, runAll,
	 until } from './rig.mjs';
import { cdpOf, close, DISPLAY, fakePad, runOne, setUp } from './ways.mjs';

const BATCH = 8; /* keys that are pressed at once */

// --- keys ---

// Each as far as DevTools can press it, and then, made up, those that it cannot.
async function everyCode(page, guest)
{
	const cdp = await cdpOf(page);
	const press = (type, code) => cdp.send('Input.dispatchKeyEvent',
					       { type, code });

	await page.evaluate(() => {
		window.pressed = new Set();
		addEventListener('keydown', e => window.pressed.add(e.code),
				 true);
	});
	const expectTaps = async list => {
		for (const key of list.map(keyOf).filter(k => k))
			await guest.expect('keyboard', `${key} 1`, `${key} 0`);
	};
	const real = [];

	for (let i = 0; i < codes.length; i += BATCH) {
		const batch = codes.slice(i, i + BATCH);

		await Promise.all(batch.flatMap(code => [
			press('rawKeyDown', code), press('keyUp', code)]));
		const pressed = await page.evaluate(
			() => [...window.pressed]);
		const came = batch.filter(code => pressed.includes(code));

		await expectTaps(came);
		real.push(...came);
	}
	const made = codes.filter(code => !real.includes(code));

	await page.evaluate(list => list.forEach(
		code => ['keydown', 'keyup'].forEach(type =>
			document.getElementById('area').dispatchEvent(
				new KeyboardEvent(type, { code })))), made);
	await expectTaps(made);
	await guest.expectNothing();
	if (real.length < 150)
		throw Error(`Chromium itself knows only ${real.length} codes`);
	return `${codes.length} codes, ${real.length} of them Chromium's`;
}

async function autoRepeat(page, guest)
{
	const cdp = await cdpOf(page);
	const press = autoRepeat => cdp.send('Input.dispatchKeyEvent', {
		type: 'rawKeyDown', code: 'KeyA', key: 'a', autoRepeat });

	await press(false);
	for (let i = 0; i < 10; i++)
		await press(true);
	await guest.expect('keyboard', 'KEY_A 1');
	await guest.expectNothing();
	await page.keyboard.up('a');
	await guest.expect('keyboard', 'KEY_A 0');
}

// Tab is the guest's, so there must be another way to the controls.
async function leftByKeys(page, guest)
{
	const focused = () => page.evaluate(() => document.activeElement.id);

	await page.keyboard.press('Tab');
	await guest.expect('keyboard', 'KEY_TAB 1', 'KEY_TAB 0');
	for (const key of ['Control', 'Alt', 'g'])
		await page.keyboard.down(key);
	await until(() => guest.held() === '');
	if (await focused() !== 'tab-keys')
		throw Error(`focus on ${await focused()}`);
	for (const key of ['g', 'Alt', 'Control'])
		await page.keyboard.up(key);
	await page.keyboard.press('ArrowRight');
	if (await page.locator('[role=tabpanel]:visible').count() !== 1 ||
	    await focused() === 'tab-keys')
		throw Error('an arrow chose no other tab');
	await page.keyboard.press('Home');
	await page.keyboard.press('Shift+Tab');
	if (await focused() !== 'area')
		throw Error(`focus on ${await focused()}, not the area`);
}

async function statusLine(page, guest)
{
	const says = (id, text) => until(async () =>
		(await page.textContent(id)).includes(text));

	await says('#drivers', 'devices ready');
	await says('#rtt', 'ms');
	await says('#devices', 'vinput Keyboard 0 keyboard ready');
	await page.focus('#area');
	await page.keyboard.down('A');
	await says('#holding', 'KeyA');
	await page.keyboard.up('A');
	await says('#holding', 'nothing held');
	await guest.expect('keyboard', 'KEY_A 1', 'KEY_A 0');
	await page.fill('#text', 'ж');
	await page.click('#type');
	await says('#error', 'ж');
}

// Only WebRTC has it; it lies where fingers are taken for positions in it.
async function picture(page, guest, way)
{
	const video = page.locator('#video');

	if (way === 'WebSocket') {
		if (await video.isVisible())
			throw Error('a picture by WebSocket');
		return;
	}
	if (!await inModule(page, 'link', m =>
		m.link.peer.remoteDescription.sdp.includes('a=sendonly')))
		skip('built without video');
	await until(() => video.evaluate(v => v.videoWidth > 0));
	const { width, height } = await video.evaluate(
		v => ({ width: v.videoWidth, height: v.videoHeight }));

	if (width !== DISPLAY.width || height !== DISPLAY.height)
		throw Error(`the picture has ${width} x ${height} pixels`);
	const [box, surface] = await Promise.all([video, page.locator(
		'#surface')].map(e => e.boundingBox()));

	for (const side of ['x', 'y', 'width', 'height'])
		if (Math.abs(box[side] - surface[side]) > 0.1)
			throw Error(`${side}: ${box[side]}, of the surface: ` +
				    `${surface[side]}`);
}

async function text(page, guest)
{
	await page.fill('#text', 'zÄ');
	await page.click('#type');
	await guest.expect('keyboard', 'KEY_Y 1', 'KEY_Y 0',
			   'KEY_LEFTSHIFT 1', 'KEY_APOSTROPHE 1',
			   'KEY_APOSTROPHE 0', 'KEY_LEFTSHIFT 0');
	await guest.settle(); /* of the click */
}

// --- pointers ---

async function mouseAndButtons(page, guest)
{
	const cdp = await cdpOf(page);
	const names = { left: 'BTN_LEFT', middle: 'BTN_MIDDLE',
			right: 'BTN_RIGHT', back: 'BTN_SIDE',
			forward: 'BTN_EXTRA' };
	const at = { x: 530, y: 220 };

	await page.mouse.move(500, 200);
	await guest.settle();
	await page.mouse.move(at.x, at.y);
	await guest.expect('mouse', 'REL_X 30, REL_Y 20');
	for (const [button, name] of Object.entries(names)) {
		const send = type => cdp.send('Input.dispatchMouseEvent', {
			type, button, clickCount: 1, ...at });

		await send('mousePressed');
		await guest.expect('mouse', `${name} 1`);
		await send('mouseReleased');
		await guest.expect('mouse', `${name} 0`);
	}
}

// Chromium's pixels are 1/120 of a notch.
async function wheels(page, guest)
{
	await page.mouse.move(500, 200);
	await guest.settle();
	await page.mouse.wheel(0, 120);
	await guest.expect('mouse', 'REL_WHEEL_HI_RES -120, REL_WHEEL -1');
	await page.mouse.wheel(0, -240);
	await guest.expect('mouse', 'REL_WHEEL_HI_RES 240, REL_WHEEL 2');
	await page.mouse.wheel(120, 0);
	await guest.expect('mouse', 'REL_HWHEEL_HI_RES 120, REL_HWHEEL 1');
	await page.mouse.wheel(-60, 0);
	await guest.expect('mouse', 'REL_HWHEEL_HI_RES -60');
	await page.mouse.wheel(-60, 0);
	await guest.expect('mouse', 'REL_HWHEEL_HI_RES -60, REL_HWHEEL -1');
	await page.click('#tab-more');
	await page.hover('#dial');
	await guest.settle();
	await page.mouse.wheel(0, 120);
	await guest.expect('rotary', 'REL_WHEEL_HI_RES -120, REL_WHEEL -1');
	await page.focus('#dial');
	await page.keyboard.press('ArrowUp');
	await guest.expect('rotary', 'REL_WHEEL_HI_RES 120, REL_WHEEL 1');
}

// The frames of touch_0 as positions by contact: [[slot, x, y], ...].
function trace(frames)
{
	const at = new Map(), positions = [];
	let slot = 0;

	for (const frame of frames) {
		const moved = new Set();

		for (const [code, value] of frame.split(', ')
			.map(event => event.split(' '))) {
			const now = at.get(slot) || [slot, 0, 0];

			if (code === 'ABS_MT_SLOT')
				slot = Number(value);
			else if (code === 'ABS_MT_POSITION_X')
				now[1] = Number(value);
			else if (code === 'ABS_MT_POSITION_Y')
				now[2] = Number(value);
			if (!code.startsWith('ABS_MT_POSITION'))
				continue;
			at.set(slot, now);
			moved.add(slot);
		}
		for (const each of moved)
			positions.push([...at.get(each)]);
	}
	return positions;
}

async function twoFingerDrag(page, guest)
{
	const cdp = await cdpOf(page);
	const send = (type, points) => cdp.send('Input.dispatchTouchEvent', {
		type, touchPoints: points.map(([id, x, y]) => ({ id, x, y })) });
	const box = await page.locator('#surface').boundingBox();
	const scaled = ([slot, x, y]) => [slot,
		Math.round((x - box.x) / box.width * (DISPLAY.width - 1)),
		Math.round((y - box.y) / box.height * (DISPLAY.height - 1))];
	const sent = [[0, 20, 100], [1, 40, 300]].map(
		([slot, x, y]) => [slot, x + Math.ceil(box.x), y]);
	let at = sent.slice();

	await send('touchStart', [at[0]]);
	await send('touchStart', at);
	for (let i = 1; i <= 10; i++) {
		at = at.map(([slot, x, y]) => [slot, x + 15, y + 5]);
		sent.push(...at);
		await send('touchMove', at);
	}
	await until(() => guest.held().includes('slot 1'));
	if (!guest.held().includes('BTN_TOUCH') ||
	    !guest.held().includes('slot 0'))
		throw Error(`held: ${guest.held()}`);
	await send('touchEnd', []);
	await until(() => guest.held() === '');
	const got = trace(guest.frames.get('touch_0').splice(0));

	for (const slot of [0, 1]) {
		const path = sent.filter(p => p[0] === slot).map(scaled);
		const came = got.filter(p => p[0] === slot);
		const near = came.length === path.length && came.every(
			(p, i) => Math.abs(p[1] - path[i][1]) <= 1 &&
				  Math.abs(p[2] - path[i][2]) <= 1);

		if (!near)
			throw Error(`finger ${slot}: ${JSON.stringify(came)}` +
				    ` came, not ${JSON.stringify(path)}`);
	}
}

async function rotated(page, guest)
{
	await page.click('#tab-more');
	await page.click('#rotate');
	await page.mouse.move(500, 200);
	await guest.settle();
	await page.mouse.move(510, 200);
	await guest.expect('mouse', 'REL_Y -10');
	for (let i = 0; i < 3; i++)
		await page.click('#rotate');
	await page.mouse.move(500, 200);
	await guest.settle();
	await page.mouse.move(510, 200);
	await guest.expect('mouse', 'REL_X 10');
}

async function everySwitch(page, guest)
{
	const names = { lid: 'SW_LID', tablet_mode: 'SW_TABLET_MODE',
			headphone_insert: 'SW_HEADPHONE_INSERT',
			microphone_insert: 'SW_MICROPHONE_INSERT' };

	await page.click('#tab-more');
	for (const [id, name] of Object.entries(names)) {
		await page.click(`#${id}`);
		await guest.expect('switches', `${name} 1`);
		await page.click(`#${id}`);
		await guest.expect('switches', `${name} 0`);
	}
	await guest.settle();
}

async function tabletAndPen(page, guest)
{
	const cdp = await cdpOf(page);
	const centre = await pointOf(page, 1 / 2, 1 / 2);
	const pen = (type, more) => cdp.send('Input.dispatchMouseEvent', {
		type, pointerType: 'pen', ...centre, ...more });
	const middle = [DISPLAY.width, DISPLAY.height].map(n => (n - 1) / 2);

	await page.mouse.move(0, 0);
	await guest.settle();
	await page.mouse.move(centre.x, centre.y);
	const position = await guest.next('tablet');
	if (!/^ABS_X \d+, ABS_Y \d+$/.test(position))
		throw Error(`tablet: "${position}"`);
	await page.mouse.down();
	await guest.expect('tablet', position, 'BTN_LEFT 1');
	await page.mouse.up();
	await guest.expect('tablet', position, 'BTN_LEFT 0');
	await pen('mousePressed', { button: 'left', buttons: 1, clickCount: 1,
				    force: 0.5, tiltX: 30, tiltY: -10 });
	await until(() => guest.held() === 'pen BTN_TOOL_PEN, pen BTN_TOUCH');
	await pen('mouseReleased', { button: 'left', clickCount: 1 });
	await until(() => guest.held() === 'pen BTN_TOOL_PEN');
	const all = guest.frames.get('pen').join(', ');
	for (const [code, low, high] of [
		['ABS_X', Math.floor(middle[0]), Math.ceil(middle[0])],
		['ABS_Y', Math.floor(middle[1]), Math.ceil(middle[1])],
		['ABS_PRESSURE', 1, 1e6], ['ABS_TILT_X', 1, 1e6],
		['ABS_TILT_Y', -1e6, -1]]) {
		const value = Number(all.match(`${code} (-?\\d+)`)?.[1]);

		if (!(value >= low && value <= high))
			throw Error(`${code} is ${value}: ${all}`);
	}
	await page.mouse.move(0, HEIGHT - 1);
	await guest.settle();
}

// --- gamepads ---

async function gamepad(page, guest)
{
	await page.evaluate(fakePad);
	await page.evaluate(() => padEvent('gamepadconnected'));
	const set = (list, i, value) => page.evaluate(([l, n, v]) =>
		setPad(pad => {
			if (l === 'axes')
				pad.axes[n] = v;
			else
				pad.buttons[n] = { value: v };
		}), [list, i, value]);

	await guest.settle();
	await set('buttons', 0, 1);
	await guest.expect('gamepad', 'BTN_SOUTH 1');
	await set('buttons', 0, 0);
	await guest.expect('gamepad', 'BTN_SOUTH 0');
	await set('buttons', 7, 1);
	await guest.expect('gamepad', 'ABS_RZ 255');
	await set('buttons', 12, 1);
	await guest.expect('gamepad', 'ABS_HAT0Y -1');
	await set('axes', 0, 1);
	await guest.expect('gamepad', 'ABS_X 32767');
	await set('axes', 3, -1);
	await guest.expect('gamepad', 'ABS_RY -32768');
	await set('buttons', 9, 1);
	await guest.expect('gamepad', 'BTN_START 1');
	await page.evaluate(() => {
		setPad(pad => pad.connected = false);
		padEvent('gamepaddisconnected');
	});
	const last = (await guest.next('gamepad')).split(', ').sort();
	const wanted = ['ABS_HAT0Y 0', 'ABS_RY 0', 'ABS_RZ 0', 'ABS_X 0',
			'BTN_START 0'];

	if (last.join() !== wanted.join())
		throw Error(`at its end: ${last}`);
}

async function padOnTheScreen(page, guest)
{
	const stick = await page.locator('.stick').first().boundingBox()
		.catch(() => null);

	if (stick)
		throw Error('a stick is shown in another panel');
	await page.click('#tab-pad');
	const box = await page.locator('.stick').first().boundingBox();
	const middle = [box.x + box.width / 2, box.y + box.height / 2];

	await page.mouse.move(...middle);
	await guest.settle();
	await page.getByRole('button', { name: 'A', exact: true }).hover();
	await page.mouse.down();
	await guest.expect('gamepad', 'BTN_SOUTH 1');
	await page.mouse.up();
	await guest.expect('gamepad', 'BTN_SOUTH 0');
	await page.mouse.move(...middle);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width, middle[1]);
	await until(() => guest.frames.get('gamepad').some(
		frame => frame.includes('ABS_X 32767')));
	await page.mouse.up();
	await until(() => guest.frames.get('gamepad').at(-1) === 'ABS_X 0');
	await page.locator('.stick').last().press('ArrowUp');
	await until(() => guest.frames.get('gamepad').some(
		frame => frame.includes('ABS_RY -32768')));
	await inModule(page, 'held', m => m.letGo());
	await guest.settle();
}

// --- the demo ---

async function demoShowsWhatArrives(browser)
{
	const { url, output } = await demo();
	const page = await open(browser, url, 'WebSocket');

	await page.keyboard.press('h');
	await until(() => output().includes('KEY_H=1\nKEY_H=0\n'));
	await close(page);
}

// --- all of it ---

async function onPage(world, url, functions)
{
	const page = await open(world.browser, url, world.way);

	for (const f of functions)
		await runOne(world, f, () => f(page, world.guest, world.way)
			.finally(() => inModule(page, 'held', m => m.letGo())));
	await close(page);
}

async function main()
{
	for (const world of await setUp()) {
		if (world.way === 'WebRTC' && !hasNetwork)
			continue;
		await onPage(world, world.url, [
			everyCode, autoRepeat, leftByKeys, statusLine, picture,
			text, mouseAndButtons, wheels, twoFingerDrag, rotated,
			everySwitch, gamepad, padOnTheScreen]);
		await onPage(world, world.other, [tabletAndPen]);
		if (world.way === 'WebSocket')
			await runCase('demo_shows_what_arrives', () =>
				demoShowsWhatArrives(world.browser));
	}
}

await runAll(main);
