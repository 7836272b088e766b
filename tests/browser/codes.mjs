// SPDX-License-Identifier: Apache-2.0
// The kernel's name of the key that has a KeyboardEvent.code, and which codes
// there are.
import { readFileSync } from 'node:fs';

// Where a rule would not find it. '': Linux has no such key.
const odd = {
	Abort: 'CANCEL', AltLeft: 'LEFTALT', AltRight: 'RIGHTALT',
	AudioVolumeDown: 'VOLUMEDOWN', AudioVolumeMute: 'MUTE',
	AudioVolumeUp: 'VOLUMEUP', Backquote: 'GRAVE',
	BracketLeft: 'LEFTBRACE', BracketRight: 'RIGHTBRACE',
	BrowserBack: 'BACK', BrowserFavorites: 'BOOKMARKS',
	BrowserForward: 'FORWARD', BrowserHome: 'HOMEPAGE',
	BrowserRefresh: 'REFRESH', BrowserSearch: 'SEARCH',
	BrowserStop: 'STOP', ContextMenu: 'COMPOSE',
	ControlLeft: 'LEFTCTRL', ControlRight: 'RIGHTCTRL',
	Convert: 'HENKAN', DisplayToggleIntExt: 'SWITCHVIDEOMODE',
	Eject: 'EJECTCD', EmojiPicker: 'EMOJI_PICKER', Escape: 'ESC',
	FnLock: '', Hyper: '', IntlBackslash: '102ND', IntlRo: 'RO',
	IntlYen: 'YEN', KanaMode: 'KATAKANAHIRAGANA',
	KeyboardBacklightDown: 'KBDILLUMDOWN',
	KeyboardBacklightToggle: 'KBDILLUMTOGGLE',
	KeyboardBacklightUp: 'KBDILLUMUP', KeyboardLayoutSelect: 'KBD_LAYOUT_NEXT',
	Lang1: 'HANGEUL', Lang2: 'HANJA', Lang3: 'KATAKANA',
	Lang4: 'HIRAGANA', Lang5: 'ZENKAKUHANKAKU', LaunchApp1: 'FILE',
	LaunchApp2: 'CALC', LaunchAssistant: 'ASSISTANT',
	LaunchControlPanel: 'CONTROLPANEL', LaunchMail: 'MAIL',
	LaunchScreenSaver: 'SCREENSAVER', MailForward: 'FORWARDMAIL',
	MailReply: 'REPLY', MailSend: 'SEND',
	MediaFastForward: 'FASTFORWARD', MediaPause: 'PAUSECD',
	MediaPlay: 'PLAY', MediaPlayPause: 'PLAYPAUSE',
	MediaRecord: 'RECORD', MediaRewind: 'REWIND', MediaSelect: 'CONFIG',
	MediaStop: 'STOPCD', MediaTrackNext: 'NEXTSONG',
	MediaTrackPrevious: 'PREVIOUSSONG', MetaLeft: 'LEFTMETA',
	MetaRight: 'RIGHTMETA', MicrophoneMuteToggle: 'MICMUTE',
	NonConvert: 'MUHENKAN', NumpadAdd: 'KPPLUS',
	NumpadBackspace: 'BACKSPACE', NumpadClear: 'CLEAR',
	NumpadClearEntry: '', NumpadComma: 'KPCOMMA', NumpadDecimal: 'KPDOT',
	NumpadDivide: 'KPSLASH', NumpadEnter: 'KPENTER',
	NumpadEqual: 'KPEQUAL', NumpadHash: 'NUMERIC_POUND',
	NumpadMemoryAdd: '', NumpadMemoryClear: '', NumpadMemoryRecall: '',
	NumpadMemoryStore: '', NumpadMemorySubtract: '',
	NumpadMultiply: 'KPASTERISK', NumpadParenLeft: 'KPLEFTPAREN',
	NumpadParenRight: 'KPRIGHTPAREN', NumpadStar: 'KPASTERISK',
	NumpadSubtract: 'KPMINUS', Period: 'DOT', PrintScreen: 'SYSRQ',
	PrivacyScreenToggle: 'PRIVACY_SCREEN_TOGGLE', Quote: 'APOSTROPHE',
	Resume: '', Select: 'FRONT', SelectTask: 'APPSELECT', ShiftLeft: 'LEFTSHIFT',
	ShiftRight: 'RIGHTSHIFT', ShowAllWindows: 'SCALE', Super: 'LEFTMETA',
	Turbo: '', WakeUp: 'WAKEUP', ZoomToggle: 'FULL_SCREEN',
};

// Those that the keyboard of specs/ does not declare.
const undeclared = ['CANCEL', 'CLEAR', 'NUMERIC_POUND'];

export function keyOf(code)
{
	let name = odd[code];

	if (name === undefined)
		name = code.replace(/^(Key|Digit|Arrow)/, '')
			.replace(/^Numpad(?=\d$)/, 'KP').toUpperCase();
	return name && !undeclared.includes(name) ? `KEY_${name}` : '';
}

// The list stands beside the other data of the streamer's tests.
export const codes = readFileSync(
	new URL('../data/stream/ui-events-codes', import.meta.url), 'utf8')
	.split('\n').filter(line => line && line[0] !== '#');
