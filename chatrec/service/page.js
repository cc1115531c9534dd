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

const log = () => document.querySelector('#cr-chat .bubble-wrap');
const box = () => document.querySelector('#cr-compose textarea');
const bubbles = () => [...document.querySelectorAll('#cr-chat [aria-label*="\'s message:"]')];

function toEnd() {
  if (restoring && log()) log().scrollTop = log().scrollHeight;
}

function start(action) {
  restoring = false;
  awaited = 1;
  anchor = bubbles().length;
  following = true;
  setBusy('answering');
  trigger('click', action);
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
  place.replaceChildren(...waiting.map((action) => {
    const line = document.createElement('div');
    const drop = document.createElement('button');
    const words = action.message.length > MOST_QUEUED_CHARS ? `${action.message.slice(0, MOST_QUEUED_CHARS)}…` : action.message;
    line.textContent = `Next: “${words}” `;
    drop.type = 'button';
    drop.className = 'cr-unqueue';
    drop.textContent = '×';
    drop.setAttribute('aria-label', 'do not send this');
    drop.addEventListener('click', () => { queue.splice(queue.indexOf(action), 1); drawQueue(); });
    line.append(drop);
    return line;
  }));
  document.body.classList.toggle('cr-queued', waiting.length > 0);
}

// Called by the page's listeners. A stopped turn ends twice, once for itself and once for what stopped it, in no fixed order:
// the next one begins only after both.
window.chatrec = {
  say(message) {
    if (!message.trim()) return '';
    enqueue({ act: 'say', message });
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
    if (busy) queue.push({ act: 'fresh' });  // a last word of the stopped turn may come after the page was emptied
    awaited = busy ? 2 : 1;
    setBusy('stopping');
    clearTimeout(overdue);
    overdue = setTimeout(end, MOST_STOPPING_MS);
  },
  // The conversation of before has come, with what was liked or not in it: what was sent meanwhile goes now.
  resume() {
    judged.clear();
    for (const [item, act] of window.chatrecJudged || []) judged.set(item, act);
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
if (window.chatrecJudged) window.chatrec.resume();

function end() {
  clearTimeout(overdue);
  setBusy('');
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
  if (action.act === 'like' || action.act === 'dislike') {
    if (judged.get(action.item) === action.act) return;
    judged.set(action.item, action.act);
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

// Labels are made from Markdown source; a screen reader is to hear the text itself.
function cleanLabels() {
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
  drawn = requestAnimationFrame(() => { markJudged(); cleanLabels(); follow(); toEnd(); });
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
