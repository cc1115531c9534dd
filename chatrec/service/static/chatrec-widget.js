// The chat of a shop, to be put into any page: one script, no dependencies, nothing loaded from elsewhere, no cookies.
//
//   <script src="https://shop.example/chat/widget/chatrec-widget.js" data-chatrec="https://shop.example/chat" defer></script>
//
// opens it as a bubble; <chatrec-chat data-chatrec="..."></chatrec-chat> stands in place. docs/embedding.md tells the attributes, theme
// variables, events and how to give it a token. All text is set as text: what a record or a shopper says is never markup. Styles are a
// constructed sheet in the shadow root, so a page's strict Content-Security-Policy needs no exception.
(() => {
  'use strict';
  if (customElements.get('chatrec-chat')) return;
  const script = document.currentScript;
  const OPTIONS = ['chatrec', 'token', 'tokenUrl', 'lang', 'theme', 'title', 'mode', 'itemId', 'items', 'pictures', 'greeting', 'ask'];
  const SILENT_MS = 60000; // the service writes a comment every 15 s: longer silence is a dead line
  const MOST_WAIT_S = 60;
  const MOST_TRIES = 3; // for a busy shop; then the shopper decides
  const WHY = 'Why did you show me {0}?'; // a message, so in the language that the shop understands

  const WORDS = {
    en: {
      title: 'Ask the shop', open: 'Open chat', close: 'Close chat', fresh: 'New conversation', message: 'Your message', send: 'Send',
      hint: 'Ask the shop…', stop: 'Stop', stopped: 'Stopped.', log: 'Conversation', you: 'You said:', bot: 'The shop said:',
      cart: 'Add to cart', like: 'Like', dislike: 'Not for me', why: 'Why?', whyThis: 'Why: ',
      drop: 'Drop {0}', wishes: 'Your wishes', ways: 'Suggestions',
      looking: 'Looking', busy: 'Many shoppers are asking right now. Your message goes again in {0} s.', stillBusy: 'The shop is still busy.',
      failed: 'That did not work.', offline: 'No connection to the shop.', denied: 'This chat has ended. Please reload the page.',
      limit: 'That was a lot at once. You can go on in {0} s.', retry: 'Try again', person: 'A person from the shop takes over from here.', forgotten: 'Everything about this conversation was erased.',
      out: 'Out of stock', low: 'Only {0} left', in: 'In stock', rated: 'rated {0} of 5', compare: 'Comparison', property: 'Property', products: 'Products',
      greeting: 'Hello! Tell me what you are looking for: a budget, who it is for, a brand you like or don’t. I answer from the shop’s own records.',
      breaks: 'But: ',
    },
    zh: {
      title: '咨询店铺', open: '打开聊天', close: '关闭聊天', fresh: '新对话', message: '您的消息', send: '发送',
      hint: '想找什么？', stop: '停止', stopped: '已停止。', log: '对话', you: '您说：', bot: '店铺说：',
      cart: '加入购物车', like: '喜欢', dislike: '不适合我', why: '为什么？', whyThis: '理由：',
      drop: '去掉 {0}', wishes: '您的要求', ways: '建议',
      looking: '正在查找', busy: '咨询的人较多，{0} 秒后自动重新发送。', stillBusy: '店铺仍然繁忙。',
      failed: '没有成功。', offline: '无法连接店铺。', denied: '本次聊天已结束，请刷新页面。',
      limit: '消息太频繁，请 {0} 秒后再试。', retry: '重试', person: '接下来由店员为您服务。', forgotten: '本次对话的内容已全部删除。',
      out: '缺货', low: '仅剩 {0} 件', in: '有货', rated: '评分 {0}（满分 5）', compare: '对比', property: '属性', products: '商品',
      greeting: '您好！请告诉我您想找什么：预算、给谁用、喜欢或不喜欢的品牌。我只根据店铺自己的资料回答。',
      breaks: '但是：',
    },
  };

  const CSS = `
:host { color-scheme: light dark; --bg: light-dark(var(--chatrec-surface, #fff), var(--chatrec-surface-dark, #161b19)); --soft: light-dark(var(--chatrec-soft, #f1f4f2), var(--chatrec-soft-dark, #222a26));
  --ink: light-dark(var(--chatrec-text, #18211d), var(--chatrec-text-dark, #eaf0ec)); --dim: light-dark(var(--chatrec-muted, #56635c), var(--chatrec-muted-dark, #a3b0a9));
  --line: light-dark(var(--chatrec-line, #d9dfdc), var(--chatrec-line-dark, #37413c)); --accent: light-dark(var(--chatrec-accent, #0b6e4f), var(--chatrec-accent-dark, #45c491));
  --on: light-dark(var(--chatrec-on-accent, #fff), var(--chatrec-on-accent-dark, #07251a)); --round: var(--chatrec-radius, 16px);
  --good: light-dark(#17693f, #4ade80); --warn: light-dark(#95430a, #fbbf24); --bad: light-dark(#b42318, #f87171); --gold: light-dark(#8a5a00, #f0b429);
  color: var(--ink); font: 15px/1.5 var(--chatrec-font, system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", sans-serif); text-align: start; }
:host([hidden]) { display: none; } :host([data-theme=light]) { color-scheme: light; } :host([data-theme=dark]) { color-scheme: dark; }
:host(:not([data-mode=bubble])) { display: block; height: var(--chatrec-height, 40rem); max-height: 100%; }
* { box-sizing: border-box; }
button, textarea { font: inherit; color: inherit; margin: 0; }
button { cursor: pointer; background: none; border: 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[hidden] { display: none !important; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.launch { position: fixed; inset-block-end: var(--chatrec-offset, 20px); inset-inline-end: var(--chatrec-offset, 20px); z-index: var(--chatrec-layer, 2147483000);
  min-height: 56px; padding: 0 22px; border-radius: 28px; display: flex; align-items: center; gap: 10px; background: var(--accent); color: var(--on); font-weight: 600;
  box-shadow: 0 6px 24px rgb(0 0 0 / 22%); }
.launch svg, .head svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.panel { display: flex; flex-direction: column; background: var(--bg); color: var(--ink); border: 1px solid var(--line); border-radius: var(--round); overflow: hidden; height: 100%; }
:host([data-mode=bubble]) .panel { position: fixed; inset-block-end: var(--chatrec-offset, 20px); inset-inline-end: var(--chatrec-offset, 20px); z-index: var(--chatrec-layer, 2147483000);
  width: min(var(--chatrec-width, 27rem), calc(100vw - 32px)); height: min(var(--chatrec-height, 44rem), calc(100dvh - 40px)); box-shadow: 0 18px 60px rgb(0 0 0 / 28%); animation: rise .16s ease-out; }
@keyframes rise { from { opacity: 0; transform: translateY(10px); } }
.head { display: flex; align-items: center; gap: 4px; padding: 8px 8px 8px 16px; padding-inline: 16px 8px; border-block-end: 1px solid var(--line); }
.head h2 { flex: 1; min-width: 0; margin: 0; font-size: 1.05rem; font-weight: 650; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.head button { width: 44px; height: 44px; border-radius: 12px; display: grid; place-items: center; }
.head button:hover, .act:hover, .chip:hover { background: var(--soft); }
.log { flex: 1 1 0; min-height: 6rem; overflow-y: auto; overscroll-behavior: contain; padding: 14px 16px; }
.log:focus-visible { outline-offset: -3px; }
.turn { margin-block-end: 18px; }
.said { overflow-wrap: anywhere; margin: 0 0 10px; white-space: pre-wrap; }
.you span { display: block; } .you { margin-inline: auto 0; width: fit-content; max-width: 86%; padding: 8px 14px; border-radius: 16px; border-end-end-radius: 4px; background: var(--accent); color: var(--on); }
.quiet, .heading { color: var(--dim); font-size: .87rem; margin: 0 0 8px; }
.heading { font-weight: 600; } .heading::first-letter { text-transform: uppercase; }
.looking::after { content: "…"; display: inline-block; overflow: hidden; vertical-align: bottom; width: 0; animation: dots 1.2s steps(4) infinite; }
@keyframes dots { to { width: 1.1em; } }
.cards { list-style: none; margin: 0 0 12px; padding: 0; display: grid; gap: 10px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
.card { border: 1px solid var(--line); border-radius: 14px; overflow: hidden; display: grid; grid-template-columns: 96px minmax(0, 1fr); background: var(--bg); }
.card.off .picture, .card.off .facts, .card.off .figures { opacity: .45; }
.picture { position: relative; padding: 10px; padding-inline-end: 0; }
.picture img, .picture svg { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 10px; background: var(--soft); }
.place { position: absolute; inset-block-start: 4px; inset-inline-start: 4px; min-width: 22px; height: 22px; padding: 0 5px; border-radius: 11px; background: #14281f; color: #fff; font-size: .75rem; font-weight: 700; line-height: 22px; text-align: center; }
.body { padding: 8px 12px; min-width: 0; overflow-wrap: anywhere; }
.name { margin: 0; font-size: .95rem; font-weight: 650; line-height: 1.3; } .name a { color: inherit; text-decoration-color: var(--dim); text-underline-offset: 2px; }
.brand { color: var(--dim); font-size: .8rem; }
.figures { display: flex; flex-wrap: wrap; gap: 0 10px; align-items: baseline; font-size: .82rem; }
.price { font-size: 1.02rem; font-weight: 700; } .rating { color: var(--gold); } .s-in { color: var(--good); } .s-low, .breaks { color: var(--warn); } .s-out { color: var(--bad); }
.facts { margin: 2px 0; padding-inline-start: 1.1em; font-size: .8rem; line-height: 1.4; }
.because { font-size: .78rem; line-height: 1.4; color: var(--dim); margin: 4px 0 2px; }
.acts { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 5px; padding: 8px 10px; border-block-start: 1px solid var(--line); } .act[data-act=why] { margin-inline-start: auto; }
.act { min-height: 34px; padding: 4px 9px; border: 1px solid var(--line); border-radius: 9px; font-size: .8rem; line-height: 1.2; }
.act.main { border-color: var(--accent); font-weight: 600; }
.act[aria-pressed=true] { background: var(--accent); border-color: var(--accent); color: var(--on); }
.scroll { overflow-x: auto; margin: 0 0 12px; border: 1px solid var(--line); border-radius: 12px; }
table { border-collapse: collapse; font-size: .83rem; min-width: 100%; } th, td { padding: 7px 10px; text-align: start; vertical-align: top; border-block-end: 1px solid var(--line); min-width: 6rem; overflow-wrap: break-word; }
tr:last-child > * { border-block-end: 0; } th { font-weight: 600; } thead th { background: var(--soft); }
.under { padding: 8px 16px 0; } .under:empty { display: none; }
.row { display: flex; gap: 6px; overflow-x: auto; scrollbar-width: none; padding: 3px 3px 6px; margin: 0 -3px; }
.row.whole { flex-wrap: wrap; }
.chip { flex: none; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-height: 34px; padding: 4px 13px; border: 1px solid var(--line); border-radius: 17px; font-size: .84rem; }
.chip.drop { background: var(--soft); font-weight: 600; } .chip.answer { border-color: var(--accent); } .chip.undo { border: 1px dashed var(--dim); }
.notice { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 0 16px; padding: 8px 12px; border-radius: 12px; background: var(--soft); font-size: .87rem; }
.notice span { flex: 1 1 12rem; }
.compose { display: flex; gap: 8px; align-items: flex-end; padding: 10px 16px max(12px, env(safe-area-inset-bottom)); }
textarea { flex: 1; min-width: 0; resize: none; height: 46px; max-height: 140px; padding: 10px 14px; border: 1px solid var(--dim); border-radius: 14px; background: var(--bg); font-size: 16px; line-height: 24px; field-sizing: content; }
textarea::placeholder { color: var(--dim); opacity: 1; }
textarea:focus { outline: 2px solid var(--accent); outline-offset: -1px; }
.go { min-height: 46px; padding: 0 16px; border-radius: 14px; background: var(--accent); color: var(--on); font-weight: 600; } .go.stop { background: var(--soft); color: var(--ink); border: 1px solid var(--line); }
@media (max-width: 560px), (max-height: 480px) { :host([data-mode=bubble]) .panel { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0; box-shadow: none; }
  .launch { min-width: 56px; padding: 0 17px; } .launch span { display: none; } .act, .chip { min-height: 40px; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; } .looking::after { width: 1.1em; } }
@media (forced-colors: active) { .you, .go, .launch, .act[aria-pressed=true] { border: 1px solid; } }
`;

  const fill = (text, ...values) => text.replace(/\{(\d)\}/g, (_, n) => values[n]);
  const webAddress = (url) => { try { return /^https?:\/\//i.test(url) ? new URL(url).href : ''; } catch { return ''; } };
  // The page's own pattern for an address, which may be relative, with the item put in.
  const addressFrom = (pattern, id) => { try { return webAddress(new URL(pattern.replace('{item_id}', () => encodeURIComponent(id)), location.href).href); } catch { return ''; } };
  const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
  const SVG = 'http://www.w3.org/2000/svg';

  // An element with attributes and children; text becomes text nodes, never markup.
  function make(tag, given = {}, ...children) {
    const node = tag.startsWith('svg:') ? document.createElementNS(SVG, tag.slice(4)) : document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (name === 'on') for (const [kind, hear] of Object.entries(value)) node.addEventListener(kind, hear);
      else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : value);
    }
    node.append(...children.filter((child) => child || child === 0));
    return node;
  }

  const icon = (...paths) => make('svg:svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, ...paths.map((d) => make('svg:path', { d })));

  // A drawn stand-in for a picture: a parcel in a colour of its category. No picture is loaded from anywhere.
  function drawn(words) {
    let hue = 7;
    for (const letter of words) hue = (hue * 31 + letter.codePointAt(0)) % 360;
    const tone = (light) => `hsl(${hue} 30% ${light}%)`;
    return make('svg:svg', { viewBox: '0 0 100 100', 'aria-hidden': 'true' }, make('svg:rect', { width: 100, height: 100, fill: tone(88) }),
      make('svg:ellipse', { cx: 50, cy: 79, rx: 30, ry: 3.5, fill: tone(70) }), make('svg:path', { d: 'M50 24 79 37 50 50 21 37Z', fill: tone(64) }),
      make('svg:path', { d: 'M21 37 50 50V78L21 65Z', fill: tone(52) }), make('svg:path', { d: 'M79 37 50 50V78L79 65Z', fill: tone(42) }),
      make('svg:path', { d: 'M35 30.5 64 43.500V52L58 55V46L29 33.500Z', fill: tone(78) }));
  }

  // A token is good for one session; the service checks it, here it is only read.
  function sessionOf(token) { try { return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).sid; } catch { return ''; } }

  class Failure extends Error {
    constructor(status, told = {}, wait = 0) {
      super(told.code || String(status));
      Object.assign(this, { status, code: told.code || '', wait: Math.min(MOST_WAIT_S, Math.ceil(told.retry_after_s || wait || 0)) });
    }
  }

  // Server-sent events of a response, as [name, data] in order. Comments keep the line open and say nothing.
  async function* sent(response, alive) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    try {
      for (;;) {
        const { value, done } = await reader.read();
        alive();
        if (done) return;
        const blocks = (rest + value).split(/\r?\n\r?\n/);
        rest = blocks.pop();
        for (const block of blocks) {
          let name = 'message';
          const data = [];
          for (const line of block.split(/\r?\n/)) {
            if (line.startsWith('event:')) name = line.slice(6).trim();
            else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
          }
          if (data.length) yield [name, JSON.parse(data.join('\n'))];
        }
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  // A whole turn, as the API gives it without a stream, as the same events.
  function* unfolded(turn) {
    if (turn.session_id) yield ['session', turn];
    for (const name of ['cards', 'alternatives']) for (const list of turn[name]) yield [name, list];
    if (turn.comparison) yield ['comparison', turn.comparison];
    for (const sentence of turn.sentences) yield ['sentence', sentence];
    yield ['chips', turn];
    yield ['done', turn];
  }

  // The service, with the token in a header. Sends no cookies.
  class Service {
    constructor(base, renew, session) { Object.assign(this, { base: base.replace(/\/+$/, ''), renew, session, token: '', known: false }); }

    async ask(method, path, body, { signal, stream, keepalive } = {}) {
      if (!this.known) await this.refresh();
      let response = await this.send(method, path, body, { signal, stream, keepalive });
      if (response.status === 401 && await this.refresh()) {
        if (response.body) response.body.cancel(); // an answer that nobody reads keeps its connection
        response = await this.send(method, path, body, { signal, stream, keepalive });
      }
      if (response.ok) return response;
      const told = await response.json().catch(() => ({}));
      throw new Failure(response.status, told.error, Number(response.headers.get('Retry-After')));
    }

    send(method, path, body, { signal, stream, keepalive }) {
      const headers = { Accept: stream ? 'text/event-stream' : 'application/json' };
      if (this.token) headers.Authorization = `Bearer ${this.token}`;
      if (body) headers['Content-Type'] = 'application/json';
      return fetch(this.base + path, { method, headers, signal, keepalive, body: body && JSON.stringify(body), credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' });
    }

    async refresh() {
      const given = await this.renew().catch(() => this.renew(true)); // a session of before the shopper signed out is refused: a new one
      this.known = true; // that no token is needed is known as well
      if (!given) return false;
      const told = typeof given === 'string' ? { token: given } : given;
      this.token = told.token || '';
      const session = told.session_id || sessionOf(this.token);
      if (session) this.session(session);
      return Boolean(this.token);
    }
  }

  class Chat extends HTMLElement {
    constructor() {
      super();
      this.settings = {};
      this.context = {};
      this.liked = new Set();
      this.disliked = new Set();
      this.queue = [];
      this.attachShadow({ mode: 'open' });
    }

    connectedCallback() {
      if (this.service) return;
      for (const name of OPTIONS) this.settings[name] ??= this.dataset[name] || '';
      const wanted = this.settings.lang || document.documentElement.lang || navigator.language || 'en';
      this.words = { ...WORDS[/^zh\b/i.test(wanted) ? 'zh' : 'en'] };
      this.lang = /^zh\b/i.test(wanted) ? 'zh' : 'en';
      if (this.settings.greeting) this.words.greeting = this.settings.greeting;
      if (this.settings.title) this.words.title = this.settings.title;
      const base = this.settings.chatrec || location.origin;
      this.memory = `chatrec.session ${base}`;
      this.service = new Service(base, (afresh) => this.newToken(afresh), (id) => this.remember(id));
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      this.shadowRoot.adoptedStyleSheets = [sheet];
      this.draw();
      this.show(!this.bubble || (recall('chatrec.open') === 'yes' && !narrow()), false);
    }

    disconnectedCallback() { if (this.control) this.control.abort(); }

    get bubble() { return this.dataset.mode === 'bubble'; }

    get session() { return recall(this.memory); }

    remember(id) { if (id !== this.session) store(this.memory, id); }

    // A token from the page's callback, its backend, or the attribute, in this order; none where the service is open.
    async newToken(afresh = false) {
      if (afresh) store(this.memory, '');
      const callback = window.chatrec && window.chatrec.onToken;
      if (callback) return callback({ session_id: this.session || null });
      if (this.settings.tokenUrl) {
        const response = await fetch(this.settings.tokenUrl, {
          method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ session_id: this.session || null }),
        });
        if (response.ok) return response.json();
        if (response.body) response.body.cancel();
        throw new Failure(response.status);
      }
      return this.service.token ? '' : this.settings.token;
    }

    draw() {
      const w = this.words;
      this.log = make('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': w.log, tabindex: 0 });
      for (const kind of ['wheel', 'touchmove', 'keydown', 'pointerdown']) this.log.addEventListener(kind, () => { this.following = null; }, { passive: true });
      this.under = make('div', { class: 'under' });
      this.notice = make('div', { class: 'notice', role: 'status', hidden: true });
      this.box = make('textarea', {
        id: 'message', rows: 1, placeholder: w.hint, 'aria-label': w.message, maxlength: 20000, dir: 'auto', enterkeyhint: 'send', autocomplete: 'off',
        on: { keydown: (event) => { if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); } } },
      });
      this.go = make('button', { class: 'go', type: 'submit' }, w.send);
      this.halt = make('button', { class: 'go stop', type: 'button', hidden: true, on: { click: () => this.stop() } }, w.stop);
      const form = make('form', { class: 'compose', on: { submit: (event) => { event.preventDefault(); this.submit(); } } }, this.box, this.halt, this.go);
      const fixed = this.settings.token && !this.settings.tokenUrl && !(window.chatrec && window.chatrec.onToken); // one token, one session
      const head = make('div', { class: 'head' }, make('h2', { id: 'title' }, w.title),
        !fixed && this.button(w.fresh, () => this.fresh(), icon('M4 5v5h5', 'M5 15a7.5 7.5 0 1 0 1.5-8.500L4 10')), this.bubble && this.button(w.close, () => this.show(false), icon('M6 6l12 12', 'M18 6 6 18')));
      this.panel = make('section', { class: 'panel', role: this.bubble ? 'dialog' : 'region', 'aria-labelledby': 'title', on: { keydown: (event) => this.keys(event) } },
        head, this.log, this.notice, this.under, form);
      if (this.bubble) {
        this.launch = make('button', { class: 'launch', type: 'button', 'aria-label': w.open, 'aria-expanded': 'false', 'aria-haspopup': 'dialog', on: { click: () => this.show(true) } },
          icon('M4 5.500h16v11H11l-4.5 3.500v-3.500H4Z', 'M8 10h8', 'M8 13h5'), make('span', {}, w.title));
        this.shadowRoot.append(this.launch);
      }
      this.shadowRoot.append(this.panel);
    }

    button(label, press, face, more = {}) {
      return make('button', { type: 'button', 'aria-label': label, title: label, on: { click: press }, ...more }, face);
    }

    // Opens or closes the bubble. Focus goes into it, and comes back to what had it.
    show(open, focus = true) {
      this.panel.hidden = !open;
      if (this.bubble) {
        this.launch.hidden = open;
        this.launch.setAttribute('aria-expanded', String(open));
        store('chatrec.open', open ? 'yes' : '');
        this.panel.setAttribute('aria-modal', String(narrow()));
        if (open && focus) this.before = deepFocus();
      }
      if (open && !this.restored) this.restored = this.restore();
      if (open && focus) this.box.focus();
      else if (!open && focus) (this.before && this.before.isConnected && this.before !== document.body ? this.before : this.launch).focus();
      this.dispatch(open ? 'chatrec:open' : 'chatrec:close', {});
    }

    // Esc closes the bubble; Tab goes round inside it.
    keys(event) {
      if (!this.bubble) return;
      if (event.key === 'Escape' && !event.isComposing) { event.stopPropagation(); this.show(false); }
      if (event.key !== 'Tab') return;
      const stops = [...this.panel.querySelectorAll('button, textarea, a[href], [tabindex="0"]')].filter((node) => !node.disabled && node.offsetParent);
      const at = this.shadowRoot.activeElement;
      const end = event.shiftKey ? stops[0] : stops.at(-1);
      if (at === end || !at) { event.preventDefault(); (event.shiftKey ? stops.at(-1) : stops[0]).focus(); }
    }

    dispatch(name, detail, cancelable = false) {
      return this.dispatchEvent(new CustomEvent(name, { detail: { session_id: this.session, ...detail }, bubbles: true, composed: true, cancelable }));
    }

    submit() {
      const message = this.box.value.trim();
      if (!message) return;
      this.box.value = '';
      this.say(message);
    }

    // What is said while an answer comes waits for its turn; each message keeps its place in the conversation.
    say(message, shown = message) { this.enqueue(shown, (signal) => this.turn('/v1/chat', { message, stream: true, context: this.place() }, signal)); }

    place() {
      const context = { ...this.context };
      const page = this.dataset.itemId || this.settings.itemId;
      if (page && !context.item_id) context.item_id = page;
      return Object.keys(context).length ? context : undefined;
    }

    enqueue(shown, run) {
      if (this.hello) { this.hello.remove(); this.hello = null; }
      const turn = make('div', { class: 'turn' }, shown && this.bubbleOf('you', shown));
      this.log.append(turn);
      this.queue.push({ turn, run, shown });
      this.follow(turn);
      if (this.giveUp) this.giveUp();
      this.pump();
    }

    bubbleOf(who, text = '') {
      const unseen = make('span', { class: 'unseen' }, `${this.words[who]} `);
      return who === 'you' ? make('p', { class: 'said you' }, unseen, make('span', { dir: 'auto' }, text)) : make('p', { class: 'said', dir: 'auto' }, unseen, text);
    }

    async pump() {
      if (this.working || !this.queue.length) return;
      const job = this.queue.shift();
      this.working = job;
      this.tell();
      this.running(true);
      for (let tries = 1; job === this.working; tries += 1) {
        this.control = new AbortController();
        job.reply = new Reply(this, job.turn);
        job.reply.look();
        try {
          await this.restored;
          await this.play(job);
          break;
        } catch (error) {
          if (job !== this.working || !await this.failed(error, job, tries)) break;
        }
      }
      if (job !== this.working) return;
      this.working = null;
      this.running(false);
      this.pump();
    }

    async play(job) {
      for await (const [name, data] of job.run(this.control.signal)) {
        if (job !== this.working) return;
        if (name === 'error') throw new Failure(500, data.error);
        if (name === 'session') this.remember(data.session_id);
        job.reply.hear(name, data);
        if (this.following) this.follow(this.following);
        if (name === 'done') this.ended(job.reply, data);
      }
      job.reply.settle();
      if (!job.reply.whole) throw new Failure(0, { code: 'cut_off' });
    }

    // Whether to try again: by itself for a busy shop, else when the shopper says so.
    async failed(error, job, tries) {
      job.reply.settle();
      const busy = ['busy', 'conflict'].includes(error.code) || [429, 503].includes(error.status);
      if (busy && tries < MOST_TRIES) {
        for (let left = error.wait || 2 * tries; left > 0 && job === this.working; left -= 1) {
          this.tell(fill(error.code === 'busy' || error.status === 503 ? this.words.busy : this.words.limit, left));
          await pause(1000);
        }
        this.tell();
        job.reply.clear();
        return job === this.working;
      }
      const text = busy ? this.words.stillBusy : error.status === 401 || error.status === 403 ? this.words.denied : error instanceof TypeError ? this.words.offline : this.words.failed;
      this.running(false);
      const again = await new Promise((answer) => {
        this.giveUp = () => answer(false); // a new message, or a new conversation
        this.tell(text, make('button', { class: 'act main', type: 'button', on: { click: () => answer(true) } }, this.words.retry));
        if (this.queue.length) answer(false);
      });
      this.giveUp = null;
      this.tell();
      if (job !== this.working) return false;
      if (again) {
        this.running(true);
        this.box.focus();
        job.reply.clear();
      } else job.reply.note(text);
      return again;
    }

    // While an answer comes, Stop stands where Send was; what is typed meanwhile is sent with the Enter key and waits.
    running(on) {
      const lost = [this.go, this.halt].includes(this.shadowRoot.activeElement);
      this.halt.hidden = !on;
      this.go.hidden = on;
      if (lost) this.box.focus();
    }

    // A line above the chips: why nothing comes, and what can be done.
    tell(text = '', button = null) {
      this.notice.hidden = !text;
      this.notice.replaceChildren(...(text ? [make('span', {}, text)] : []), ...(button ? [button] : []));
    }

    async* turn(path, body, signal) {
      const silent = new AbortController();
      let timer = 0;
      const alive = () => { clearTimeout(timer); timer = setTimeout(() => silent.abort(), SILENT_MS); };
      alive();
      try {
        if (!this.service.known) await this.service.refresh(); // it may name the session
        const named = path === '/v1/chat' && this.session ? { ...body, session_id: this.session } : body;
        const response = await this.service.ask('POST', path, named, { signal: AbortSignal.any([signal, silent.signal]), stream: true });
        if ((response.headers.get('Content-Type') || '').startsWith('text/event-stream')) yield* sent(response, alive);
        else yield* unfolded(await response.json());
      } finally {
        clearTimeout(timer);
      }
    }

    stop() {
      const job = this.working;
      if (!job) return;
      this.working = null;
      this.control.abort();
      job.reply.settle();
      job.reply.note(this.words.stopped);
      this.tell();
      this.running(false);
      this.pump();
    }

    fresh() {
      this.queue.length = 0;
      if (this.working) this.stop();
      this.working = null;
      if (this.giveUp) this.giveUp();
      this.running(false);
      store(this.memory, '');
      this.service.known = false;
      this.service.token = '';
      this.liked.clear();
      this.disliked.clear();
      this.tell();
      this.greet();
      this.box.focus();
    }

    greet() {
      this.hello = make('div', { class: 'turn' }, this.bubbleOf('bot', this.words.greeting));
      this.log.replaceChildren(this.hello);
      this.chips((this.settings.ask || '').split('|').filter(Boolean).map((label) => ({ kind: 'followup', label, message: label })));
      for (const row of this.under.children) row.classList.add('whole'); // there is room
    }

    // The conversation that this tab remembers, as the service has kept it.
    async restore() {
      this.greet();
      try {
        if (!this.service.known) await this.service.refresh(); // a token has a session of its own
        if (!this.session) return;
        const kept = await this.kept();
        this.cart = JSON.stringify(kept.cart || []);
        for (const id of kept.liked || []) this.liked.add(id);
        for (const id of kept.disliked || []) this.disliked.add(id);
        if (!(kept.turns || []).length) return;
        this.log.setAttribute('aria-live', 'off');
        const past = document.createDocumentFragment();
        for (const turn of kept.turns) past.append(this.replay(turn));
        if (this.hello) { this.hello.remove(); this.hello = null; }
        this.log.prepend(past);
        this.log.scrollTop = this.log.scrollHeight;
        await pause(0);
        this.log.setAttribute('aria-live', 'polite');
      } catch (error) {
        if (error.status === 404 || error.status === 403) store(this.memory, ''); // expired, forgotten, or another shopper's
      }
    }

    replay(turn) {
      const place = make('div', { class: 'turn' }, turn.message && this.bubbleOf('you', turn.message));
      const reply = new Reply(this, place);
      for (const [name, data] of unfolded(turn)) reply.hear(name, data);
      if (turn.stopped) reply.note(this.words.stopped);
      return place;
    }

    ended(reply, done) {
      if (done.action === 'hand_off') this.dispatch('chatrec:hand-off', { turn_id: done.turn_id });
      if (done.action === 'forgotten') { reply.note(this.words.forgotten); store(this.memory, ''); this.chips([]); }
      if (reply.acts.has('cart')) this.readCart();
      this.dispatch('chatrec:done', { turn_id: done.turn_id, action: done.action || '' });
    }

    // The cart after a turn that spoke of it: the page is told when it has changed.
    async readCart() {
      try {
        const kept = await this.kept();
        const now = JSON.stringify(kept.cart || []);
        if (now !== (this.cart || '[]')) this.dispatch('chatrec:cart', { lines: kept.cart || [] });
        this.cart = now;
      } catch { /* the next turn of the cart tells it */ }
    }

    follow(turn) {
      this.following = turn;
      this.log.scrollTop += turn.getBoundingClientRect().top - this.log.getBoundingClientRect().top - 10;
    }

    chips(chips) {
      const w = this.words;
      const known = (chip) => ['constraint', 'undo', 'profile'].includes(chip.kind);
      this.under.replaceChildren(...[[w.wishes, known], [w.ways, (chip) => !known(chip)]].map(([name, belongs]) => {
        const of = chips.filter(belongs);
        return of.length ? make('div', { class: 'row', role: 'group', 'aria-label': name }, ...of.map((chip) => this.chip(chip))) : '';
      }).filter(Boolean));
    }

    chip(chip) {
      const w = this.words;
      if (chip.kind === 'constraint') {
        const label = fill(w.drop, chip.label);
        return make('button', { class: 'chip drop', type: 'button', 'aria-label': label, on: { click: () => this.dropped(chip, label) } }, chip.label, make('span', { 'aria-hidden': 'true' }, ' ×'));
      }
      return make('button', { class: `chip ${['answer', 'undo'].includes(chip.kind) ? chip.kind : ''}`, type: 'button', title: chip.label, on: { click: () => this.pressed(() => this.say(chip.message || chip.label, chip.label)) } }, chip.label);
    }

    // A button that goes away with its press must not take the focus along.
    pressed(act) {
      act();
      if (!narrow()) this.box.focus();
      else this.log.focus({ preventScroll: true });
    }

    dropped(chip, label) {
      this.pressed(() => this.enqueue(label, (signal) => this.turn(`${this.own()}/drop`, { need_id: chip.need_id, key: chip.key, heard: label.slice(0, 200), stream: true }, signal)));
    }

    own() { return `/v1/sessions/${encodeURIComponent(this.session)}`; }

    async kept() { return (await this.service.ask('GET', this.own())).json(); }

    // ---- cards -----------------------------------------------------------------------------------------------------------------
    cards(list) {
      return make('ul', { class: 'cards', role: 'list', 'aria-label': list.heading || this.words.products }, ...list.cards.map((card) => this.card(card)));
    }

    card(card) {
      const w = this.words;
      const title = make('h3', { class: 'name', dir: 'auto' }, this.name(card));
      const body = make('div', { class: 'body' }, title, card.brand && make('div', { class: 'brand' }, card.brand), this.figures(card),
        card.breaks && make('div', { class: 'because breaks' }, w.breaks + card.breaks),
        (card.facts || []).length ? make('ul', { class: 'facts' }, ...card.facts.map((fact) => make('li', {}, fact))) : '',
        ...(card.options || []).map((option) => make('div', { class: 'brand' }, `${option.name}: ${option.values.slice(0, 8).join(', ')}`)),
        card.why && make('p', { class: 'because' }, w.whyThis + card.why));
      const act = (name, press, more = {}) => make('button', { class: `act ${name === 'cart' ? 'main' : ''}`, type: 'button', 'aria-label': `${w[name]}: ${card.title}`, 'data-act': name, on: { click: press }, ...more }, name === 'like' ? `♥ ${w.like}` : w[name]);
      const acts = make('div', { class: 'acts' }, act('cart', () => this.addToCart(card.item_id, card.title)),
        act('like', (event) => this.judge(card, 'like', event), { 'aria-pressed': String(this.liked.has(card.item_id)) }), act('dislike', (event) => this.judge(card, 'dislike', event), { 'aria-pressed': String(this.disliked.has(card.item_id)) }),
        act('why', (event) => this.why(card, event)));
      const picture = make('div', { class: 'picture' }, this.picture(card), card.position ? make('span', { class: 'place', 'aria-hidden': 'true' }, String(card.position)) : '');
      return make('li', { class: `card ${this.disliked.has(card.item_id) ? 'off' : ''}`, 'data-item': card.item_id }, picture, body, acts);
    }

    // Links go to the page's own address of an item where it has one (data-items), else to the record's; only to http and https.
    address(card) {
      return this.settings.items ? addressFrom(this.settings.items, card.item_id) : webAddress(card.url || '');
    }

    name(card) {
      const url = this.address(card);
      if (!url) return card.title;
      const own = Boolean(this.settings.items);
      return make('a', { href: url, rel: 'noopener', target: own ? undefined : '_blank', on: { click: (event) => {
        this.sendFeedback(card.item_id, 'click', true);
        if (!this.dispatch('chatrec:open-item', { item_id: card.item_id, title: card.title, url }, true)) event.preventDefault();
      } } }, card.title);
    }

    picture(card) {
      const url = this.settings.pictures ? addressFrom(this.settings.pictures, card.item_id) : webAddress(card.image || '');
      if (!url) return drawn(card.category || card.title);
      const shown = make('img', { src: url, alt: '', loading: 'lazy', referrerpolicy: 'no-referrer', on: { error: () => shown.replaceWith(drawn(card.category || card.title)) } });
      return shown;
    }

    figures(card) {
      const w = this.words;
      const stock = card.stock === null || card.stock === undefined ? '' : card.stock <= 0 ? ['out', w.out] : card.stock <= 3 ? ['low', fill(w.low, card.stock)] : ['in', w.in];
      const rating = card.rating === null || card.rating === undefined ? '' : `${Math.round(card.rating * 10) / 10}`;
      const figures = [card.price !== null && card.price !== undefined && make('span', { class: 'price' }, this.money(card.price, card.currency)),
        rating && make('span', { class: 'rating', role: 'img', 'aria-label': fill(w.rated, rating) }, `★ ${rating}${card.n_ratings ? ` (${card.n_ratings})` : ''}`),
        stock && make('span', { class: `s-${stock[0]}` }, stock[1])].filter(Boolean);
      return figures.length ? make('div', { class: 'figures' }, ...figures) : '';
    }

    money(amount, currency) {
      try { return new Intl.NumberFormat(this.lang, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(amount); } catch { return `${amount} ${currency || ''}`.trim(); }
    }

    table(comparison) {
      const head = make('tr', {}, make('th', { scope: 'col' }, make('span', { class: 'unseen' }, this.words.property)), ...comparison.titles.map((title) => make('th', { scope: 'col' }, title)));
      const rows = comparison.rows.map((row) => make('tr', {}, make('th', { scope: 'row' }, row.property), ...row.values.map((value) => make('td', {}, value))));
      return make('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': this.words.compare }, make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows)));
    }

    // ---- what a shopper does with a card ---------------------------------------------------------------------------------------
    addToCart(item_id, title = '') {
      if (this.bubble && this.panel.hidden) this.show(true);
      const heard = title ? `${this.words.cart}: ${title}` : this.words.cart;
      this.enqueue(heard, (signal) => this.cartTurn({ item_id, heard: heard.slice(0, 200), stream: true }, signal));
    }

    async* cartTurn(asked, signal) {
      if (!this.session) this.remember((await (await this.service.ask('POST', '/v1/sessions', {})).json()).session_id);
      yield* this.turn(`${this.own()}/cart`, asked, signal);
    }

    // A second press takes the first one back. What is not for the shopper leaves the newest list, which is made anew.
    judge(card, kind, event) {
      const [mine, other] = kind === 'like' ? [this.liked, this.disliked] : [this.disliked, this.liked];
      if (mine.has(card.item_id)) { this.unjudge(card.item_id, mine); return; }
      mine.add(card.item_id);
      other.delete(card.item_id);
      this.mark();
      if (kind === 'dislike' && this.newest(event.target)) {
        const heard = `${this.words.dislike}: ${card.title}`;
        this.enqueue(heard, (signal) => this.without(card.item_id, heard, signal));
      } else this.sendFeedback(card.item_id, kind).then((done) => {
        if (!done) { mine.delete(card.item_id); this.mark(); this.tell(this.words.failed); }
      });
    }

    async* without(item_id, heard, signal) {
      yield* this.turn(`${this.own()}/dislike`, { item_id, heard: heard.slice(0, 200), stream: true }, signal);
      this.dispatch('chatrec:feedback', { item_id, kind: 'dislike' });
    }

    async unjudge(item_id, mine) {
      mine.delete(item_id);
      this.mark();
      try {
        await (await this.service.ask('DELETE', `${this.own()}/judgements/${encodeURIComponent(item_id)}`)).text();
        this.dispatch('chatrec:feedback', { item_id, kind: 'none' });
      } catch {
        mine.add(item_id);
        this.mark();
        this.tell(this.words.failed);
      }
    }

    // Every card of an item shows what was said of it.
    mark() {
      for (const card of this.log.querySelectorAll('.card')) {
        card.classList.toggle('off', this.disliked.has(card.dataset.item));
        for (const [act, of] of [['like', this.liked], ['dislike', this.disliked]]) card.querySelector(`[data-act=${act}]`).setAttribute('aria-pressed', String(of.has(card.dataset.item)));
      }
    }

    async sendFeedback(item_id, kind, keepalive = false) {
      if (!this.session) return false;
      try {
        await (await this.service.ask('POST', '/v1/feedback', { session_id: this.session, item_id, kind }, { keepalive })).text();
        this.dispatch('chatrec:feedback', { item_id, kind });
        return true;
      } catch { return false; }
    }

    newest(node) {
      const lists = this.log.querySelectorAll('.cards');
      return lists.length > 0 && lists[lists.length - 1].contains(node);
    }

    // A number means the newest list; a card further up is called by its name.
    why(card, event) {
      this.say(fill(WHY, this.newest(event.target) && card.position ? `number ${card.position}` : card.title), `${this.words.why} ${card.title}`);
    }
  }

  // One answer as it grows. Sentences that speak of no item stand above the cards of their act, since they are read first; those about
  // the items stand below, so that no card moves away under the shopper's finger.
  class Reply {
    constructor(chat, turn) { Object.assign(this, { chat, turn, nodes: [], acts: new Set(), act: '', block: null, above: null, below: null, whole: false }); }

    add(node, before = null) {
      this.nodes.push(node);
      this.turn.insertBefore(node, before);
      return node;
    }

    look() { this.sign = this.add(make('p', { class: 'quiet looking' }, this.chat.words.looking)); }

    settle() { if (this.sign) { this.sign.remove(); this.sign = null; } }

    note(text) { this.add(make('p', { class: 'quiet' }, text)); }

    clear() { for (const node of this.nodes) node.remove(); }

    hear(name, data) {
      if (name !== 'session') this.settle();
      if (name === 'cards' || name === 'alternatives') this.list(data);
      else if (name === 'comparison') this.show(this.chat.table(data));
      else if (name === 'sentence') this.say(data);
      else if (name === 'chips') this.chat.chips(data.chips);
      else if (name === 'done') {
        this.whole = true;
        if (data.action === 'hand_off') this.note(this.chat.words.person);
      }
    }

    list(data) {
      if (data.heading) this.add(make('p', { class: 'heading' }, data.heading));
      this.show(this.chat.cards(data));
    }

    show(node) {
      Object.assign(this, { block: this.add(node), above: null, below: null, act: '' });
    }

    say(sentence) {
      const act = sentence.act || '';
      if (this.act && this.act !== act) this.block = this.above = this.below = null;
      this.act = act;
      this.acts.add(act);
      const place = this.bubble((sentence.cites || []).length > 0);
      place.append(place.childNodes.length > 1 ? ` ${sentence.text}` : sentence.text);
    }

    bubble(ofItems) {
      if (this.block && !ofItems && !this.below) {
        const heading = this.block.previousSibling;
        this.above ??= this.add(this.chat.bubbleOf('bot'), heading && heading.className === 'heading' ? heading : this.block);
        return this.above;
      }
      this.below ??= this.add(this.chat.bubbleOf('bot'));
      return this.below;
    }
  }

  const narrow = () => matchMedia('(max-width: 560px), (max-height: 480px)').matches;
  // Storage may be forbidden; the chat then lives as long as the page.
  const kept = {};
  function recall(name) { try { return sessionStorage.getItem(name) || ''; } catch { return kept[name] || ''; } }
  function store(name, value) {
    kept[name] = value;
    try { if (value) sessionStorage.setItem(name, value); else sessionStorage.removeItem(name); } catch { /* as above */ }
  }
  function deepFocus() {
    let at = document.activeElement;
    while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
    return at;
  }

  customElements.define('chatrec-chat', Chat);
  const first = () => document.querySelector('chatrec-chat');
  window.chatrec = Object.assign(window.chatrec || {}, {
    open: () => first().show(true), close: () => first().show(false), ask: (message) => { if (first().bubble && first().panel.hidden) first().show(true); first().say(message); },
    addToCart: (item_id, title) => first().addToCart(item_id, title), setContext: (context) => { first().context = context; },
  });
  Object.defineProperty(window.chatrec, 'session', { get: () => (first() ? first().session : ''), configurable: true });

  // The script tag itself asks for a bubble, unless the page has put the element somewhere.
  function begin() {
    if (first() || !script || script.dataset.mode === 'none') return;
    const chat = document.createElement('chatrec-chat');
    for (const name of OPTIONS) if (script.dataset[name]) chat.settings[name] = script.dataset[name];
    chat.settings.chatrec ||= script.src.replace(/\/widget\/[^/]*$/, '');
    chat.dataset.mode = 'bubble';
    if (script.dataset.theme) chat.dataset.theme = script.dataset.theme;
    document.body.append(chat);
  }
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
  else begin();
})();
