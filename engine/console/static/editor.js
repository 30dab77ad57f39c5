// The editor: CodeMirror in a shadow root, so that its styles are adopted sheets, which the page's policy allows.
(() => {
  const cm = CodeMirror;
  const colour = (name) => `var(--${name})`;

  const theme = cm.EditorView.theme({
    "&": {color: colour("ink"), backgroundColor: colour("surface"), height: "100%", fontSize: "13.5px"},
    "&.cm-focused": {outline: `2px solid ${colour("accent")}`, outlineOffset: "-2px"},
    ".cm-scroller": {fontFamily: colour("mono"), lineHeight: "1.55"},
    ".cm-content": {caretColor: colour("ink"), padding: "8px 0"},
    ".cm-cursor": {borderLeftColor: colour("ink")},
    ".cm-gutters": {backgroundColor: colour("surface"), color: colour("ink-3"), border: "none"},
    ".cm-activeLine": {backgroundColor: "color-mix(in srgb, var(--accent-soft) 35%, transparent)"},
    ".cm-activeLineGutter": {backgroundColor: "transparent", color: colour("ink")},
    "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {backgroundColor: "var(--accent-soft) !important"},
    ".cm-matchingBracket": {backgroundColor: colour("accent-soft"), outline: "none"},
    ".cm-tooltip": {backgroundColor: colour("surface"), color: colour("ink"), border: `1px solid ${colour("line")}`, borderRadius: "8px", boxShadow: colour("lift"), maxWidth: "min(420px, 80vw)", fontFamily: "Inter, system-ui, sans-serif", fontSize: "13px"},
    ".cm-tooltip-hover, .cm-completionInfo": {padding: "8px 12px", lineHeight: "1.45"},
    ".cm-tooltip.cm-tooltip-autocomplete > ul": {fontFamily: colour("mono"), maxHeight: "240px"},
    ".cm-tooltip-autocomplete ul li": {padding: "3px 10px"},
    ".cm-tooltip-autocomplete ul li[aria-selected]": {backgroundColor: colour("accent"), color: colour("on-accent")},
    ".cm-completionDetail": {color: colour("ink-3"), fontStyle: "normal"},
    "li[aria-selected] .cm-completionDetail": {color: colour("on-accent")},
    ".cm-diagnostic": {padding: "7px 11px", borderLeftWidth: "4px"},
    ".cm-diagnostic-error": {borderLeftColor: colour("bad")},
    ".cm-diagnostic-warning": {borderLeftColor: colour("warn")},
    ".cm-diagnostic-info": {borderLeftColor: colour("info")},
    ".cm-panels": {backgroundColor: colour("sunk"), color: colour("ink"), borderColor: colour("line")},
    ".cm-panel input, .cm-panel button": {fontSize: "13px"},
    ".cm-textfield": {backgroundColor: colour("surface"), color: colour("ink"), border: `1px solid ${colour("edge")}`},
    ".cm-button": {backgroundImage: "none", backgroundColor: colour("surface"), color: colour("ink"), border: `1px solid ${colour("edge")}`},
    ".cm-foldPlaceholder": {backgroundColor: colour("sunk"), border: "none", color: colour("ink-3")},
  });
  const paint = cm.HighlightStyle.define([
    {tag: cm.tags.comment, color: colour("ink-3"), fontStyle: "italic"},
    {tag: [cm.tags.propertyName, cm.tags.definition(cm.tags.propertyName)], color: colour("accent-strong"), fontWeight: "600"},
    {tag: [cm.tags.string, cm.tags.special(cm.tags.string)], color: colour("info")},
    {tag: [cm.tags.number, cm.tags.bool, cm.tags.keyword], color: colour("warn")},
    {tag: [cm.tags.punctuation, cm.tags.separator, cm.tags.squareBracket, cm.tags.brace], color: colour("ink-2")},
  ]);

  // `asks(question)` answers JSON for {line, column, about?}; `changed()` is told of every change by hand.
  window.makeEditor = (host, {readOnly, changed, asks}) => {
    const root = host.attachShadow({mode: "open"});
    const box = document.createElement("div");
    box.className = "box";
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".box { height: 100%; } * { box-sizing: border-box; }");
    root.adoptedStyleSheets = [sheet];
    root.append(box);
    const states = new Map();
    let open = "";

    const spot = (state, pos) => {
      const line = state.doc.lineAt(pos);
      return {line: line.number, column: [...line.text.slice(0, pos - line.from)].length + 1};
    };

    async function complete(context) {
      const word = context.matchBefore(/[\w.-]*/);
      if (!context.explicit && !word.text && !/[:,{]\s$|^\s+$/.test(context.state.doc.lineAt(context.pos).text.slice(0, context.pos - context.state.doc.lineAt(context.pos).from))) return null;
      const told = await asks({file: open, text: context.state.doc.toString(), ...spot(context.state, word.from)});
      if (!told || context.aborted || !told.suggestions.length) return null;
      return {
        from: word.from,
        validFor: /^[\w.-]*$/,
        options: told.suggestions.map((one, order) => ({
          label: one.label,
          type: {key: "property", value: "enum", name: "variable"}[one.kind],
          info: one.kind === "name" ? undefined : one.about || undefined,
          detail: one.kind === "name" ? one.about : undefined,
          apply: one.kind === "key" ? `${one.label}: ` : one.label,
          boost: -order / 10,
        })),
      };
    }

    const explain = cm.hoverTooltip(async (view, pos) => {
      const told = await asks({file: open, text: view.state.doc.toString(), about: true, ...spot(view.state, pos)});
      if (!told || !told.about) return null;
      return {pos, create: () => {
        const dom = document.createElement("div");
        dom.textContent = told.about;
        return {dom};
      }};
    });

    const extensions = (name) => [
      cm.lineNumbers(), cm.foldGutter(), cm.lintGutter(), cm.highlightActiveLine(), cm.highlightActiveLineGutter(),
      cm.history(), cm.drawSelection(), cm.indentOnInput(), cm.indentUnit.of("  "), cm.bracketMatching(), cm.closeBrackets(),
      cm.yaml(), cm.syntaxHighlighting(paint), cm.search({top: true}), cm.highlightSelectionMatches(), theme, explain,
      cm.EditorView.lineWrapping,
      cm.autocompletion({override: [complete], activateOnTyping: !readOnly, icons: false}),
      cm.keymap.of([...cm.closeBracketsKeymap, ...cm.defaultKeymap, ...cm.searchKeymap, ...cm.historyKeymap,
        ...cm.foldKeymap, ...cm.completionKeymap, ...cm.lintKeymap]),
      cm.EditorState.readOnly.of(readOnly),
      cm.EditorView.contentAttributes.of({"aria-label": name, "aria-multiline": "true", tabindex: "0"}),
      cm.EditorView.updateListener.of((update) => { if (update.docChanged) changed(); }),
    ];
    const fresh = (name, text) => cm.EditorState.create({doc: text, extensions: extensions(name)});
    const view = new cm.EditorView({parent: box, root});

    return {
      view,
      get open() { return open; },
      show(name, text) {
        if (open) states.set(open, view.state);
        open = name;
        view.setState(states.get(name) ?? fresh(name, text));
      },
      text(name) { return name === open ? view.state.doc.toString() : states.get(name)?.doc.toString(); },
      forget() { states.clear(); open = ""; },
      mark(findings) {
        const doc = view.state.doc;
        const at = (line, column) => {
          const row = doc.line(Math.min(Math.max(line, 1), doc.lines));
          const before = [...row.text].slice(0, column - 1).join("").length;
          return Math.min(row.from + before, row.to);
        };
        const diagnostics = findings.filter((one) => one.file === open).map((one) => ({
          from: at(one.line, one.column),
          to: Math.max(at(one.line, one.column + one.width), at(one.line, one.column)),
          severity: {error: "error", warning: "warning", note: "info"}[one.severity],
          message: [one.message, one.hint].filter(Boolean).join("\n"),
        }));
        view.dispatch(cm.setDiagnostics(view.state, diagnostics));
      },
      go(line, column = 1) {
        const row = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
        const pos = Math.min(row.from + column - 1, row.to);
        view.dispatch({selection: {anchor: pos}, effects: cm.EditorView.scrollIntoView(pos, {y: "center"})});
        view.focus();
      },
    };
  };
})();
