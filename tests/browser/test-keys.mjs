// SPDX-License-Identifier: Apache-2.0
// Keys on the page of vinput-stream besides those of a usual keyboard: on the
// screen, as text, AltGr as Windows has it; and that none stays pressed.
import { runCase, summary } from './cases.mjs';
import { end, Guest, launch, open, openBrowser, stream,
	 until } from './rig.mjs';

const label = 'keyboard';
const tapped = (...keys) => keys.flatMap(key => [`KEY_${key} 1`,
						 `KEY_${key} 0`]);
const cdpOf = page => page.context().newCDPSession(page);
const button = (page, name) => page.getByRole('button',
					      { name, exact: true });

// Events made up, as other systems' browsers send them.
function dispatch(page, ...events)
{
	return page.evaluate(list => {
		for (const [type, init] of list)
			document.activeElement.dispatchEvent(new KeyboardEvent(
				type, { bubbles: true, cancelable: true,
					...init }));
	}, events);
}

const control = { code: 'ControlLeft', key: 'Control', ctrlKey: true };
const altGr = { code: 'AltRight', key: 'AltGraph', ctrlKey: true,
		altKey: true };

async function altGrOfWindows({ page, guest })
{
	const q = { code: 'KeyQ', key: '@', ctrlKey: true, altKey: true };

	await dispatch(page, ['keydown', control], ['keydown', altGr],
		       ['keydown', q], ['keyup', q], ['keyup', control],
		       ['keyup', altGr]);
	await guest.expect(label, 'KEY_RIGHTALT 1', ...tapped('Q'),
			   'KEY_RIGHTALT 0');
	await guest.expectNothing();
}

async function altGrOfLinux({ page, guest })
{
	await dispatch(page, ['keydown', { code: 'AltRight', key: 'AltGraph' }],
		       ['keyup', { code: 'AltRight', key: 'AltGraph' }]);
	await guest.expect(label, ...tapped('RIGHTALT'));
}

async function controlBySelf({ page, guest })
{
	await dispatch(page, ['keydown', control]);
	await guest.expect(label, 'KEY_LEFTCTRL 1');
	await dispatch(page, ['keyup', control]);
	await guest.expect(label, 'KEY_LEFTCTRL 0');
	await page.keyboard.press('Control+c');
	await guest.expect(label, 'KEY_LEFTCTRL 1', ...tapped('C'),
			   'KEY_LEFTCTRL 0');
}

// macOS does not tell that C was released.
async function metaReleases({ page, guest })
{
	const meta = { code: 'MetaLeft', key: 'Meta' };

	await dispatch(page, ['keydown', meta],
		       ['keydown', { code: 'KeyC', key: 'c', metaKey: true }],
		       ['keyup', meta]);
	await until(() => guest.held() === '' &&
		guest.frames.get(label).includes('KEY_C 0'));
}

async function onTheScreen({ page, guest })
{
	const keys = { Esc: 'ESC', Tab: 'TAB', PrtSc: 'SYSRQ', Mute: 'MUTE',
		       Play: 'PLAYPAUSE', 'Left arrow': 'LEFT' };

	for (let n = 1; n <= 24; n++)
		keys[`F${n}`] = `F${n}`;
	for (const [name, key] of Object.entries(keys)) {
		await button(page, name).click();
		await guest.expect(label, ...tapped(key));
	}
	await button(page, 'Esc').press('Enter');
	await guest.expect(label, ...tapped('ESC'));
	await button(page, 'Esc').hover();
	await page.mouse.down();
	await guest.expect(label, 'KEY_ESC 1');
	await guest.expectNothing();
	await page.mouse.up();
	await guest.expect(label, 'KEY_ESC 0');
}

async function stickyModifiers({ page, guest })
{
	const ctrl = page.locator('[data-code=ControlLeft]');

	await ctrl.click();
	await guest.expect(label, 'KEY_LEFTCTRL 1');
	await button(page, 'Del').click();
	await guest.expect(label, ...tapped('DELETE'), 'KEY_LEFTCTRL 0');
	await ctrl.click();
	await ctrl.click();
	await guest.expect(label, 'KEY_LEFTCTRL 1');
	await button(page, 'Del').click();
	await button(page, 'Ins').click();
	await guest.expect(label, ...tapped('DELETE', 'INSERT'));
	await ctrl.click();
	await guest.expect(label, 'KEY_LEFTCTRL 0');
	await ctrl.click();
	await page.evaluate(() => dispatchEvent(new Event('blur')));
	await until(() => guest.held() === '');
	if (await ctrl.getAttribute('aria-pressed') !== 'false')
		throw Error('Ctrl is still shown as pressed');
}

async function ctrlAltDel({ page, guest })
{
	await page.click('#ctrlAltDel');
	await guest.expect(label, 'KEY_LEFTCTRL 1', 'KEY_LEFTALT 1',
			   ...tapped('DELETE'), 'KEY_LEFTALT 0',
			   'KEY_LEFTCTRL 0');
}

// --- as text; the guest's layout is German ---

async function softKeyboard({ page, guest })
{
	const cdp = await cdpOf(page);

	await page.click('#softly');
	await cdp.send('Input.insertText', { text: 'zß' });
	await guest.expect(label, ...tapped('Y', 'MINUS'));
	await cdp.send('Input.imeSetComposition', {
		text: 'ha', selectionStart: 2, selectionEnd: 2 });
	await guest.expect(label, ...tapped('H', 'A'));
	await cdp.send('Input.imeSetComposition', {
		text: 'hi', selectionStart: 2, selectionEnd: 2 });
	await guest.expect(label, ...tapped('BACKSPACE', 'I'));
	await cdp.send('Input.insertText', { text: 'hi' });
	await guest.expectNothing();
	await page.keyboard.press('Backspace');
	await guest.expect(label, ...tapped('BACKSPACE'));
	await page.keyboard.press('Enter');
	await guest.expect(label, ...tapped('ENTER'));
	await page.keyboard.press('Escape');
	await guest.expect(label, ...tapped('ESC'));
}

// Where the characters are in the guest, not where they were pressed.
async function charactersOfARealKeyboard({ page, guest })
{
	await page.click('#softly');
	await page.keyboard.press('z');
	await guest.expect(label, ...tapped('Y'));
	await page.keyboard.press('ArrowLeft');
	await guest.expect(label, ...tapped('LEFT'));
	await page.keyboard.press('Control+c');
	await guest.expect(label, 'KEY_LEFTCTRL 1', ...tapped('C'),
			   'KEY_LEFTCTRL 0');
}

async function modifierAndSoftKeyboard({ page, guest })
{
	const cdp = await cdpOf(page);

	await page.click('#softly');
	await page.click('[data-code=ControlLeft]');
	await guest.expect(label, 'KEY_LEFTCTRL 1');
	await cdp.send('Input.insertText', { text: 'c' });
	await guest.expect(label, ...tapped('C'), 'KEY_LEFTCTRL 0');
}

async function pasted({ page, guest })
{
	await page.click('#softly');
	await page.evaluate(() => {
		const data = new DataTransfer();

		data.setData('text/plain', 'y\r\nz');
		document.activeElement.dispatchEvent(new InputEvent(
			'beforeinput', { inputType: 'insertFromPaste',
					 dataTransfer: data }));
	});
	await guest.expect(label, ...tapped('Z', 'ENTER', 'Y'));
	await page.context().grantPermissions(['clipboard-read',
					       'clipboard-write']);
	await page.evaluate(() => navigator.clipboard.writeText('xy'));
	await page.click('#paste');
	await guest.expect(label, ...tapped('X', 'Z'));
	await page.evaluate(() => navigator.clipboard.readText = undefined);
	await page.click('#paste');
	await until(async () => (await page.textContent('#error'))
		.includes('Paste into the field'));
}

// --- nothing stays pressed ---

async function endOfFullScreen({ page, guest })
{
	await page.click('#full');
	await until(() => page.evaluate(() => document.fullscreenElement));
	await page.keyboard.down('a');
	await guest.expect(label, 'KEY_A 1');
	await page.evaluate(() => document.exitFullscreen());
	await guest.expect(label, 'KEY_A 0');
	await page.keyboard.up('a');
}

async function blurred({ page, guest })
{
	const cdp = await cdpOf(page);

	await page.keyboard.down('a');
	await guest.expect(label, 'KEY_A 1');
	await cdp.send('Emulation.setFocusEmulationEnabled',
		       { enabled: false });
	const other = await page.context().newPage();

	await other.bringToFront();
	await guest.expect(label, 'KEY_A 0');
	await other.close();
	await page.keyboard.up('a');
}

async function leds({ page })
{
	await until(async () => await page.locator('#leds [data-on=true]')
		.textContent() === 'Scroll');
}

async function main()
{
	const dir = await launch('--keyboard');
	const guest = new Guest('--led=SCROLLL=on', `${dir}/keyboard.sock`);
	const { urls } = await stream(dir, '--layout=de');
	const { browser } = await openBrowser();

	await until(() => guest.seen.size === 1);
	for (const f of [altGrOfWindows, altGrOfLinux, controlBySelf,
			 metaReleases, onTheScreen, stickyModifiers, ctrlAltDel,
			 softKeyboard, charactersOfARealKeyboard,
			 modifierAndSoftKeyboard, pasted, endOfFullScreen,
			 blurred, leds]) {
		const name = f.name.replace(/[A-Z]/g,
					    c => `_${c.toLowerCase()}`);

		await runCase(`keys_${name}`, async () => {
			const page = await open(browser, urls[0], 'WebSocket');

			try {
				await guest.settle();
				await f({ page, guest });
			} finally {
				await page.context().close();
				await until(() => guest.held() === '');
			}
		});
	}
}

try {
	await main();
} catch (error) {
	console.log(`not ok setup\n${error.stack}`);
}
const status = summary();

await end();
process.exit(status);
