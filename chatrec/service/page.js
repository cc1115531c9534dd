// The page's own script, run when its bridge element is loaded (`trigger` hands an action to the shop's machine).
// One action at a time is under way; the rest waits here in order, so that nothing a shopper sends is lost.
const MOST_QUEUED_CHARS = 90;
const SLIDER_REST_MS = 500;
// Gradio measures the emptied box once more before this.
const SHRINK_MS = 150;
const MOST_STOPPING_MS = 3000;
const MOST_RESUMING_MS = 10000;
// A conversation that came back is drawn bit by bit; its end stays in view meanwhile.
const RESTORING_MS = 1500;
const queue = [];
const judged = new Map();
let busy = false;
let resumed = false;
let restoring = false;
let awaited = 0;
let overdue = 0;
let anchor = 0;
let following = false;
let rowsBefore = 0;  // of a conversation whose last exchange is being taken back
let changing = null;  // the last message is being changed: its action, and what stood in the box before

const texts = () => window.chatrecKept?.texts || {};
const text = (key, words = '') => (texts()[key] || '').replace('{words}', () => words);
const language = () => window.chatrecKept?.language || document.documentElement.lang;
const userRows = () => document.querySelectorAll('#cr-chat .user-row').length;
const log = () => document.querySelector('#cr-chat .bubble-wrap');
const box = () => document.querySelector('#cr-compose textarea');
// What can be done with the last exchange is no part of the conversation.
const bubbles = () => [...document.querySelectorAll('#cr-chat [aria-label*="\'s message:"]')].filter((b) => !b.querySelector('.cr-last'));

function toEnd() {
  if (restoring && log()) log().scrollTop = log().scrollHeight;
}

function start(action) {
  restoring = false;
  awaited = 1;
  anchor = bubbles().length;
  following = true;
  rowsBefore = action.act === 'take_back' ? userRows() : 0;
  setBusy(action.act === 'reopen' ? 'stopping' : 'answering');
  if (action.act === 'reopen') document.querySelector('#cr-speak').click();
  else trigger('click', { ...action, language: language() });
}

function pump() {
  if (!busy && queue.length) start(queue.shift());
  drawQueue();
}

function enqueue(action) {
  queue.push(action);
  pump();
}

function drawQueue() {
  const place = element.querySelector('.cr-queue');
  const waiting = queue.filter((action) => action.act === 'say');
  place.setAttribute('role', 'status');
  place.setAttribute('aria-label', text('waiting'));
  place.replaceChildren(...waiting.map((action) => {
    const line = document.createElement('div');
    const drop = document.createElement('button');
    const words = action.message.length > MOST_QUEUED_CHARS ? `${action.message.slice(0, MOST_QUEUED_CHARS)}…` : action.message;
    line.textContent = `${text('next', words)} `;
    drop.type = 'button';
    drop.className = 'cr-unqueue';
    drop.textContent = '×';
    drop.setAttribute('aria-label', text('unsend'));
    drop.addEventListener('click', () => { queue.splice(queue.indexOf(action), 1); drawQueue(); });
    line.append(drop);
    return line;
  }));
  document.body.classList.toggle('cr-queued', waiting.length > 0);
}

// The last message stands in the box again; what is sent takes its place, and nothing is taken back before.
function change(action) {
  if (!changing) changing = { draft: box().value };
  changing.turn = action.turn;
  setBox(action.message);
  drawChanging();
  box().focus();
  box().setSelectionRange(box().value.length, box().value.length);
}

function leaveChange() {
  if (!changing) return;
  setBox(changing.draft);
  changing = null;
  drawChanging();
  box().focus();
}

function setBox(value) {
  box().value = value;
  box().dispatchEvent(new Event('input', { bubbles: true }));  // Gradio hears of it
}

function drawChanging() {
  const place = element.querySelector('.cr-changing');
  const cancel = document.createElement('button');
  cancel.type = 'button';
  cancel.className = 'cr-unqueue cr-cancel';
  cancel.textContent = text('cancel');
  cancel.addEventListener('click', leaveChange);
  place.replaceChildren(...(changing ? [`${text('editing')} `, cancel] : []));
  document.body.classList.toggle('cr-is-changing', Boolean(changing));
  if (changing) announce(text('editing'));
}

// For those who hear the page.
function announce(words) {
  element.querySelector('.cr-heard').textContent = words;
}

// Called by the page's listeners. A stopped turn ends twice, once for itself and once for what stopped it, in no fixed order:
// the next one begins only after both.
window.chatrec = {
  say(message) {
    if (!message.trim()) return '';
    enqueue({ act: 'say', message, ...(changing ? { turn: changing.turn } : {}) });
    changing = null;
    drawChanging();
    setTimeout(() => { if (!box().value) box().style.height = ''; }, SHRINK_MS);  // a long message made it grow
    return '';
  },
  stop() {
    if (!busy) return;
    awaited = 2;
    setBusy('stopping');
    clearTimeout(overdue);
    overdue = setTimeout(end, MOST_STOPPING_MS);
  },
  fresh() {
    queue.length = 0;
    judged.clear();
    leaveChange();
    if (busy) queue.push({ act: 'fresh' });  // a last word of the stopped turn may come after the page was emptied
    awaited = busy ? 2 : 1;
    setBusy('stopping');
    clearTimeout(overdue);
    overdue = setTimeout(end, MOST_STOPPING_MS);
  },
  // The conversation of before has come, with what was liked or not in it: what was sent meanwhile goes now.
  resume() {
    judged.clear();
    for (const item of window.chatrecKept?.liked || []) judged.set(item, 'like');
    for (const item of window.chatrecKept?.disliked || []) judged.set(item, 'dislike');
    markJudged();
    if (resumed) return;
    resumed = true;
    following = false;
    restoring = true;
    setTimeout(() => { restoring = false; }, RESTORING_MS);
    toEnd();
    end();
  },
  done() {
    awaited -= 1;
    if (busy && awaited < 1) end();
  },
};

// Nothing is asked before the conversation of before has come, or failed to.
setBusy('stopping');
overdue = setTimeout(() => window.chatrec.resume(), MOST_RESUMING_MS);
if (window.chatrecKept) window.chatrec.resume();

function end() {
  clearTimeout(overdue);
  setBusy('');
  if (rowsBefore > userRows()) {  // with the exchange a judgement may have gone: what is marked is read anew
    announce(text('taken_back'));
    queue.unshift({ act: 'reopen' });
  }
  rowsBefore = 0;
  pump();
  if (document.activeElement === document.body && matchMedia('(hover: hover)').matches) box()?.focus({ preventScroll: true });
}

// '' (nothing is under way), 'answering' or 'stopping'; the style sheet shows it.
function setBusy(state) {
  busy = state !== '';
  document.body.classList.toggle('cr-busy', busy);
  document.body.classList.toggle('cr-stopping', state === 'stopping');
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-act]');
  if (!button) return;
  event.preventDefault();
  const action = { ...button.dataset, label: button.getAttribute('aria-label') || button.textContent };
  if (action.act === 'edit') { change(action); return; }
  if (action.act === 'language') {
    window.chatrecMemory.choose(action.language);
    if (action.language !== language()) enqueue({ act: 'reopen' });
    return;
  }
  if (action.act === 'take_back') leaveChange();
  if (action.act === 'like' || action.act === 'dislike') {
    if (judged.get(action.item) === action.act) {  // a second press takes the first one back
      judged.delete(action.item);
      action.act = 'unjudge';
    } else {
      judged.set(action.item, action.act);
    }
    markJudged();
  }
  enqueue(action);
});

// What was liked or not stays marked, on every card of the item, however often the conversation is drawn again.
function markJudged() {
  for (const button of document.querySelectorAll('#cr-chat [data-act="like"], #cr-chat [data-act="dislike"]')) {
    const pressed = String(judged.get(button.dataset.item) === button.dataset.act);
    if (button.getAttribute('aria-pressed') !== pressed) button.setAttribute('aria-pressed', pressed);
  }
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && changing) leaveChange();
});

// What the shop says is in its own language, whatever the page is in.
function markSpoken() {
  const spoken = language() === 'en' ? '' : 'en';
  for (const said of document.querySelectorAll('#cr-chat .bot [data-testid="bot"] .prose, #cr-chat .bot .message-content .prose')) {
    if (said.lang !== spoken) said.lang = spoken;
  }
}

// Labels are made from Markdown source; a screen reader is to hear the text itself.
function cleanLabels() {
  for (const last of document.querySelectorAll('#cr-chat [aria-label*="\'s message:"] .cr-last')) {
    last.closest('[aria-label*="\'s message:"]').setAttribute('aria-label', last.getAttribute('aria-label'));
  }
  for (const bubble of bubbles()) {
    const label = bubble.getAttribute('aria-label');
    const clean = label.replace(/\\(.)/g, '$1').replace('a component of type html', 'products');
    if (clean !== label) bubble.setAttribute('aria-label', clean);
  }
}

// The newest exchange is brought to the top of the conversation and kept there while it grows, unless the shopper scrolls.
function follow() {
  const first = bubbles()[anchor];
  const area = log();
  if (!following || !first || !area) return;
  const row = first.closest('.message-row') || first;
  const start = anchor && row.contains(bubbles()[anchor - 1]) ? first : row;
  area.scrollTop += start.getBoundingClientRect().top - area.getBoundingClientRect().top - 8;
}

let drawn = 0;
new MutationObserver(() => {
  cancelAnimationFrame(drawn);
  drawn = requestAnimationFrame(() => { markJudged(); cleanLabels(); markSpoken(); follow(); toEnd(); });
}).observe(document.querySelector('#cr-chat') || document.body, { childList: true, subtree: true, characterData: true });
// The rows of chips below take room from the conversation: what was in view stays in view.
new ResizeObserver(() => { follow(); toEnd(); }).observe(document.querySelector('#cr-chat') || document.body);
// Also at the press of a button in it: what moved between press and release would lose the click.
for (const kind of ['wheel', 'touchmove', 'keydown', 'pointerdown']) {
  document.addEventListener(kind, (event) => { if (event.target.closest?.('#cr-chat')) following = false; }, { passive: true });
}

// The slider counts from when it comes to rest, moved by hand or by keys.
let resting = 0;
document.addEventListener('change', (event) => {
  if (!event.target.matches?.('#cr-variety input[type=range]')) return;
  const value = event.target.value;
  clearTimeout(resting);
  resting = setTimeout(() => enqueue({ act: 'vary', value }), SLIDER_REST_MS);
});
