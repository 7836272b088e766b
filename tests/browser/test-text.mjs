// SPDX-License-Identifier: Apache-2.0
// Text on the page of vinput-stream: by soft keyboards, input methods and dead
// keys, pasted, and written in its field; in the guest's layout, which is
// German where none is chosen.
import { cdpOf, dispatch, label, runWithKeyboard, tapped } from './keyboard.mjs';
import { inModule, runAll, until } from './rig.mjs';

const typeInField = async (page, text) => {
	await page.fill('#text', text);
	await page.click('#type');
};

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
	await cdp.send('Input.insertText', { text: 'Z' });
	await guest.expect(label, ...tapped('Y'), 'KEY_LEFTCTRL 0');
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


// --- the layout ---

async function layoutIsChosen({ page, guest })
{
	const chosen = () => page.locator('#layout option:checked')
		.textContent();

	await until(async () => await chosen() === 'as started (de)');
	await until(async () => await page.locator('#layout option')
		.count() > 100);
	await page.selectOption('#layout', { label: 'French' });
	await typeInField(page, 'z²');
	await guest.expect(label, ...tapped('W', 'GRAVE'));
	await page.reload();
	await until(async () => await chosen() === 'French');
	await page.click('#softly');
	await (await cdpOf(page)).send('Input.insertText', { text: 'a' });
	await guest.expect(label, ...tapped('Q'));
}

// Nothing of it is typed before it is done.
async function inputMethod({ page, guest })
{
	const cdp = await cdpOf(page);
	const compose = text => cdp.send('Input.imeSetComposition', {
		text, selectionStart: text.length, selectionEnd: text.length });

	await page.selectOption('#layout', 'ru');
	await page.click('#softly');
	for (const text of ['д', 'дa', 'да'])
		await compose(text);
	await guest.expectNothing();
	await cdp.send('Input.insertText', { text: 'да' });
	await guest.expect(label, ...tapped('L', 'F'));
	await guest.expectNothing();
}

async function deadKey({ page, guest })
{
	const cdp = await cdpOf(page);
	const dead = { code: 'BracketLeft', key: 'Dead', keyCode: 229 };

	await page.selectOption('#layout', 'fr');
	await page.click('#softly');
	await dispatch(page, ['keydown', dead]);
	await cdp.send('Input.imeSetComposition', {
		text: '´', selectionStart: 1, selectionEnd: 1 });
	await dispatch(page, ['keyup', dead]);
	await guest.expectNothing();
	await cdp.send('Input.insertText', { text: 'é' });
	await guest.expect(label, ...tapped('2'));
	await guest.expectNothing();
}

// --- long texts, and what is in their way ---

async function longTextIsStopped({ page, guest })
{
	const progress = page.locator('#progress');

	await page.fill('#text', 'a'.repeat(5000));
	await page.click('#type');
	await progress.waitFor();
	await until(async () => Number(await progress.evaluate(
		e => e.value)) > 0);
	await until(async () => (await page.textContent('#holding'))
		.startsWith('typing: '));
	if (await page.textContent('#type') !== 'Stop')
		throw Error('it cannot be stopped');
	await page.click('#type');
	await progress.waitFor({ state: 'hidden' });
	await until(async () => await page.textContent('#type') === 'Type');
	await guest.settle();
	await typeInField(page, 'b');
	await guest.expect(label, ...tapped('B'));
}

async function longTextIsWhole({ page, guest })
{
	await typeInField(page, 'ab\n'.repeat(200));
	for (let i = 0; i < 200; i++)
		await guest.expect(label, ...tapped('A', 'B', 'ENTER'));
	await guest.expectNothing();
}

// Another layout is that of the next text.
async function layoutChangesBesideALongText({ page, guest })
{
	await typeInField(page, 'z'.repeat(300));
	await guest.expect(label, ...tapped('Y'));
	await page.selectOption('#layout', 'us');
	for (let i = 1; i < 300; i++)
		await guest.expect(label, ...tapped('Y'));
	await typeInField(page, 'z');
	await guest.expect(label, ...tapped('Z'));
}

// Of something else than the text.
async function longTextSurvivesAnError({ page, guest })
{
	await typeInField(page, 'a'.repeat(300));
	await guest.expect(label, ...tapped('A'));
	await inModule(page, 'link', ({ sendMessage }) => sendMessage(
		{ type: 'position', x: 0, y: 0 }));
	await until(async () => /no device for this/.test(
		await page.textContent('#error')));
	for (let i = 1; i < 300; i++)
		await guest.expect(label, ...tapped('A'));
	await guest.expectNothing();
}

// It is not dropped, which would type another text: there is no key for it.
async function markWithoutALetter({ page, guest })
{
	await typeInField(page, '\u20ddb');
	await until(async () => /^The layout has no key for/.test(
		await page.textContent('#error')));
	await guest.expectNothing();
	await typeInField(page, 'b');
	await guest.expect(label, ...tapped('B'));
}

async function longTextIsCheckedBefore({ page, guest })
{
	await typeInField(page, `${'a'.repeat(3000)}ж`);
	await until(async () => /no key for ж/.test(
		await page.textContent('#error')));
	await guest.expectNothing();
	await typeInField(page, 'b');
	await guest.expect(label, ...tapped('B'));
}

async function capsLockInTheWay({ page, guest })
{
	await page.keyboard.press('CapsLock');
	await guest.expect(label, ...tapped('CAPSLOCK'));
	await until(async () => (await page.locator('#leds [data-on=true]')
		.allTextContents()).includes('Caps'));
	await typeInField(page, 'a');
	await guest.expect(label, ...tapped('CAPSLOCK', 'A'));
}

async function characterThatTheLayoutLacks({ page, guest })
{
	await typeInField(page, 'aж');
	await until(async () => /^The layout has no key for ж/.test(
		await page.textContent('#error')));
	await guest.expectNothing();
}

await runAll(() => runWithKeyboard('text', [
		softKeyboard, charactersOfARealKeyboard, modifierAndSoftKeyboard,
		pasted, layoutIsChosen, inputMethod, deadKey, longTextIsStopped,
		longTextIsWhole, layoutChangesBesideALongText,
		longTextSurvivesAnError, markWithoutALetter,
		longTextIsCheckedBefore, capsLockInTheWay,
		characterThatTheLayoutLacks]));
