// SPDX-License-Identifier: Apache-2.0
// What else one touches with on the page of vinput-stream: fingers with pressure
// and size, pens, several displays, and gamepads.
import { nameOf, runCase } from './cases.mjs';
import { Guest, launch, open, openBrowser, pointOf, runAll, stream,
	 until } from './rig.mjs';

const SIZE = { width: 1000, height: 500 };
const OTHER = { width: 600, height: 900 };
const axis = max => ({ min: 0, max });
// A touchscreen that knows how hard and how widely it is touched.
const sensitive = ({ width, height }) => JSON.stringify({
	name: 'sensitive touchscreen', properties: ['INPUT_PROP_DIRECT'],
	events: { EV_KEY: ['BTN_TOUCH'] },
	axes: {
		ABS_X: axis(width - 1), ABS_Y: axis(height - 1),
		ABS_MT_SLOT: axis(9), ABS_MT_TRACKING_ID: axis(65535),
		ABS_MT_POSITION_X: axis(width - 1),
		ABS_MT_POSITION_Y: axis(height - 1),
		ABS_MT_PRESSURE: axis(255), ABS_MT_TOUCH_MAJOR: axis(width - 1),
		ABS_MT_TOUCH_MINOR: axis(width - 1),
	},
});

const cdpOf = page => page.context().newCDPSession(page);

// The last value of an event in frames; undefined: it is in none.
function last(frames, name)
{
	const found = frames.map(f => f.match(`${name} (-?\\d+)`)?.[1])
		.filter(value => value !== undefined);

	return found.length ? Number(found.at(-1)) : undefined;
}

function expectNear(name, value, wanted, slack)
{
	if (!(Math.abs(value - wanted) <= slack))
		throw Error(`${name} is ${value}, not ${wanted}`);
}

// --- fingers ---

async function pressureAndSize({ page, guest })
{
	const cdp = await cdpOf(page);
	const at = await pointOf(page, 0.5, 0.5);
	const { width } = await page.locator('#surface').boundingBox();
	const scale = (SIZE.width - 1) / width;
	const touch = (type, more) => cdp.send('Input.dispatchTouchEvent', {
		type, touchPoints: more ? [{ id: 0, ...at, ...more }] : [] });
	const frames = guest.frames.get('touch_0');

	await touch('touchStart', { force: 0.5, radiusX: 20, radiusY: 12 });
	await until(() => last(frames, 'ABS_MT_TOUCH_MINOR'));
	expectNear('pressure', last(frames, 'ABS_MT_PRESSURE'), 127, 1);
	expectNear('major', last(frames, 'ABS_MT_TOUCH_MAJOR'), 40 * scale, 2);
	expectNear('minor', last(frames, 'ABS_MT_TOUCH_MINOR'), 24 * scale, 2);
	await until(async () => (await page.textContent('#holding'))
		.includes('1 finger'));
	await touch('touchMove', { x: at.x + 5, force: 1, radiusX: 20,
				   radiusY: 30 });
	await until(() => last(frames, 'ABS_MT_PRESSURE') === 255);
	expectNear('major', last(frames, 'ABS_MT_TOUCH_MAJOR'), 60 * scale, 2);
	expectNear('minor', last(frames, 'ABS_MT_TOUCH_MINOR'), 40 * scale, 2);
	await touch('touchEnd');
	await until(() => guest.held() === '');
}

// What came between two pictures, as a browser without raw events has it.
async function coalesced({ page, guest })
{
	const cdp = await cdpOf(page);
	const points = await Promise.all([0.3, 0.4, 0.5, 0.6].map(
		x => pointOf(page, x, 0.5)));
	const frames = guest.frames.get('touch_0');

	await page.evaluate(() => addEventListener('pointerdown',
		e => window.finger = e.pointerId));
	await cdp.send('Input.dispatchTouchEvent', {
		type: 'touchStart', touchPoints: [{ id: 0, ...points[0] }] });
	await until(() => frames.length);
	await page.evaluate(all => {
		const area = document.getElementById('area');
		const type = 'onpointerrawupdate' in area ? 'pointerrawupdate'
			: 'pointermove';
		const [e] = all.map(p => new PointerEvent(type, {
			pointerId: window.finger, pointerType: 'touch',
			clientX: p.x, clientY: p.y })).slice(-1);

		e.getCoalescedEvents = () => all.map(p => new PointerEvent(
			type, { pointerId: window.finger, clientX: p.x,
				clientY: p.y, pointerType: 'touch' }));
		area.dispatchEvent(e);
	}, points.slice(1));
	for (const x of [0.4, 0.5, 0.6]) {
		const wanted = x * (SIZE.width - 1);

		await until(() => frames.some(f => Math.abs(
			last([f], 'ABS_MT_POSITION_X') - wanted) <= 1));
	}
	await cdp.send('Input.dispatchTouchEvent',
		       { type: 'touchEnd', touchPoints: [] });
	await until(() => guest.held() === '');
}

// --- pens ---

async function penOf(page)
{
	const cdp = await cdpOf(page);
	const at = await pointOf(page, 0.5, 0.5);

	return (type, more) => cdp.send('Input.dispatchMouseEvent', {
		type, pointerType: 'pen', ...at, ...more });
}

async function penHovers({ page, guest })
{
	const pen = await penOf(page);
	const frames = guest.frames.get('pen');

	await pen('mouseMoved', { tiltX: -20, tiltY: 45 });
	await until(() => guest.held() === 'pen BTN_TOOL_PEN');
	expectNear('tilt', last(frames, 'ABS_TILT_X'), -20, 1);
	expectNear('tilt', last(frames, 'ABS_TILT_Y'), 45, 1);
	const far = await pointOf(page, 0.9, 0.5);

	await pen('mouseMoved', far);
	await until(() => last(frames, 'ABS_X') > 0.85 * OTHER.width);
	if (guest.held() !== 'pen BTN_TOOL_PEN')
		throw Error(`held: ${guest.held()}`);
	await pen('mouseMoved', { x: 1, y: 1 });
	await until(() => guest.held() === '');
}

// The second button of its barrel is the middle one of a mouse.
async function penButtons({ page, guest })
{
	const pen = await penOf(page);
	const bits = { right: [2, 'BTN_STYLUS'], middle: [4, 'BTN_STYLUS2'] };

	for (const [button, [buttons, name]] of Object.entries(bits)) {
		await pen('mousePressed', { button, buttons, clickCount: 1 });
		await until(() => guest.held() ===
			`pen ${name}, pen BTN_TOOL_PEN`);
		await pen('mouseReleased', { button, clickCount: 1 });
		await until(() => guest.held() === 'pen BTN_TOOL_PEN');
	}
}

// Made up: DevTools have no such button.
async function penErases({ page, guest })
{
	const at = await pointOf(page, 0.5, 0.5);
	const erase = init => page.evaluate(made => {
		const area = document.getElementById('area');
		const type = 'onpointerrawupdate' in area ? 'pointerrawupdate'
			: 'pointermove';

		area.dispatchEvent(new PointerEvent(made.type || type, {
			pointerType: 'pen', bubbles: true, ...made }));
	}, { clientX: at.x, clientY: at.y, ...init });

	await erase({ buttons: 32, pressure: 0.7 });
	await until(() => guest.held() ===
		'pen BTN_TOOL_RUBBER, pen BTN_TOUCH');
	await erase({ buttons: 0, pressure: 0 });
	await until(() => guest.held() === 'pen BTN_TOOL_PEN');
	await erase({ type: 'pointerleave' });
	await until(() => guest.held() === '');
}

// --- displays ---

async function displayIsChosen({ page, guest })
{
	const cdp = await cdpOf(page);
	const shape = async () => {
		const box = await page.locator('#surface').boundingBox();

		return box.width / box.height;
	};
	const shown = async ({ width, height }) =>
		Math.abs(await shape() - width / height) < 0.02;
	const tap = async () => {
		await cdp.send('Input.dispatchTouchEvent', {
			type: 'touchStart', touchPoints: [
				{ id: 0, ...await pointOf(page, 0.5, 0.5) }] });
		await cdp.send('Input.dispatchTouchEvent',
			       { type: 'touchEnd', touchPoints: [] });
	};

	await page.click('#tab-more');
	await until(() => shown(SIZE));
	await page.selectOption('#display', 'touch_1');
	await until(() => shown(OTHER));
	await tap();
	await until(() => guest.frames.get('touch_1').length === 2);
	if (guest.frames.get('touch_0').length)
		throw Error('the other display was touched');
	await page.reload();
	await until(() => shown(OTHER));
	await page.click('#tab-more');
	await page.selectOption('#display', 'touch_0');
	await until(() => shown(SIZE));
	await tap();
	await until(() => guest.frames.get('touch_0').length === 2);
}

// --- gamepads ---

// Run it in the page: pads that are plugged in by setPad(index, { ... }).
function fakePads()
{
	const pads = [null, null, null, null];

	navigator.getGamepads = () => pads;
	window.setPad = (index, button) => {
		const isNew = !pads[index];

		pads[index] = button === null ? null : {
			index, mapping: 'standard', connected: true,
			axes: [0, 0, 0, 0],
			buttons: Array.from({ length: 17 }, (_, i) => (
				{ value: Number(i === button) })),
		};
		if (isNew || button === null)
			dispatchEvent(Object.assign(new Event(isNew
				? 'gamepadconnected' : 'gamepaddisconnected'),
			{ gamepad: { index } }));
	};
}

async function twoPads({ page, guest })
{
	const set = (index, button) => page.evaluate(
		([i, b]) => setPad(i, b), [index, button]);

	await page.evaluate(fakePads);
	await set(0, 0);
	await guest.expect('gamepad', 'BTN_SOUTH 1');
	await set(1, 1);
	await guest.expect('gamepad_1', 'BTN_EAST 1');
	await until(async () => (await page.textContent('#holding'))
		.includes('gamepad 1, gamepad 2'));
	await set(0, null);
	await guest.expect('gamepad', 'BTN_SOUTH 0');
	await guest.expectNothing();
	/* Plugged in again, by another index: the place that is free. */
	await set(2, 9);
	await guest.expect('gamepad', 'BTN_START 1');
	await set(1, 5);
	await guest.expect('gamepad_1', 'BTN_EAST 0, BTN_TR 1');
	await set(2, null);
	await set(1, null);
	await until(() => guest.held() === '');
}

// --- all of it ---

async function main()
{
	const dir = await launch(
		`--device=touch_0=${sensitive(SIZE)}`,
		`--device=touch_1=${sensitive(OTHER)}`,
		`--pen=${OTHER.width}x${OTHER.height}`,
		'--gamepad', '--device=gamepad_1=gamepad');
	const labels = ['touch_0', 'touch_1', 'pen', 'gamepad', 'gamepad_1'];
	const guest = new Guest(...labels.map(l => `${dir}/${l}.sock`));
	const { urls } = await stream(dir);
	const { browser } = await openBrowser();

	await until(() => guest.seen.size === labels.length);
	for (const f of [pressureAndSize, coalesced, penHovers, penButtons,
			 penErases, displayIsChosen, twoPads]) {
		await runCase(`tools_${nameOf(f)}`, async () => {
			const page = await open(browser, urls[0], 'WebSocket');

			try {
				await guest.settle();
				await f({ page, guest });
			} finally {
				await page.context().close();
				await until(() => guest.held() === '');
				await guest.settle();
			}
		});
	}
}

await runAll(main);
