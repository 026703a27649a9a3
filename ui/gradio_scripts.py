"""Gradio 6.31's own scripts, without what costs more than it needs.

As a page opens they compare each of its components with each target of each event, read the whole
state of a component for each event that it triggers, and search for it in all of the page. With 780
components and 260 events that is half of the script's time. They make all components twice, and
fetch the scripts of all kinds of them, two thirds of which no first view shows.
And while it lies still, a clock that nobody sees keeps a tenth of a core at work.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import gradio

ASSETS = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"


@dataclass(frozen=True)
class Mend:
    """A function of Gradio's scripts, and what it does as well in less time.

    Attributes:
        scripts: the pattern of the file's name.
        before: as it stands in that file.
        after: what replaces it.
    """

    scripts: str
    before: str
    after: str


ATTACHED_EVENTS = Mend(
    "core-*.js",
    "find_attached_events(e,t){let n=t.filter(t=>t.targets.find(([t])=>t===e.id)).map(t=>{"
    "let n=t.targets.find(([t])=>t===e.id);return n?n[1]:null}).filter(Boolean);"
    "return e.props.shared_props.attached_events=n,e}",
    """find_attached_events(node, dependencies) {
  if (this.indexed !== dependencies) {
    this.indexed = dependencies;
    this.eventsOf = new Map();
    for (const { targets } of dependencies)
      // Of several events of one component in one dependency the first counts.
      for (const [id, event] of new Map([...targets].reverse()))
        if (event) this.eventsOf.set(id, [...(this.eventsOf.get(id) ?? []), event]);
  }
  node.props.shared_props.attached_events = this.eventsOf.get(node.id) ?? [];
  return node;
}""",
)
"""The events of a component that something listens to: indexed once, not sought for each."""

EVENT_ARGUMENTS = Mend(
    "Blocks-*.js",
    "async set_event_args(e,t){",
    "async set_event_args(e,t){if(!Object.keys(t).length)return()=>{};",
)
"""An event without arguments, as all of this page are, has none to set: so no state is read."""

FIND_NODE = Mend(
    "core-*.js",
    "function Z(e,t){if(e.id===t)return e;"
    "if(e.children)for(let n of e.children){let e=Z(n,t);if(e)return e}return null}",
    """const ways = new WeakMap();
function Z(root, id) {
  let known = ways.get(root);
  const follow = (way) => way?.reduce((node, place) => node?.children?.[place], root);
  const found = follow(known?.get(id));
  if (found?.id === id) return found;
  ways.set(root, known = new Map());
  const note = (node, way) => {
    if (!known.has(node.id)) known.set(node.id, way);
    node.children?.forEach((child, place) => note(child, [...way, place]));
  };
  note(root, []);
  return follow(known.get(id)) ?? null;
}
""",
)
"""The component of a number: by the way on which it was found before, if it still leads there."""

WAITING_CLOCK = Mend(
    "statustracker-*.js",
    "function ze(){me(()=>{F(Pe,(performance.now()-w(de))/1e3),W&&ze()})}",
    "function ze(){me(()=>{F(Pe,(performance.now()-w(de))/1e3),W&&U?.isConnected&&ze()})}",
)
"""The seconds that one waits: they ended with the event, but not if the place went before it."""

LAID_OUT_ONCE = Mend(
    "Blocks-*.js",
    "le(()=>{v(),oe(()=>{O.reload(",
    "let laidOut=v();le(()=>{v()!==laidOut&&oe(()=>{laidOut=v(),O.reload(",
)
"""All components are made as the page comes, and were made again at once, as if it had changed."""

SCRIPTS_WHEN_SHOWN = Mend(
    "core-*.js",
    "H[`${o}-${r}`]=(a?.[o]?.[r]||a?.[t]?.[r])()",
    "H[`${o}-${r}`]=((load,loading)=>Object.create({"
    "then:(...use)=>(loading??=load()).then(...use)}))(a?.[o]?.[r]||a?.[t]?.[r])",
)
"""The script of a kind of component: fetched when somebody waits for it, not when it is named."""

SHOWN_COMPONENTS = Mend(
    "Blocks-*.js",
    "let e=t.node.component,n=++l;",
    "let e=t.node.component,n=++l;if(!t.node.props.shared_props.visible&&!oe(()=>w(o)))return;",
)
"""A component waits for its script when it is first shown, not when what is around it is."""

SCRIPTS_AT_ONCE = Mend(
    "core-*.js",
    "e=>Ne(e,this.components_to_register,this.#d)])}",
    "e=>Ne(e,this.components_to_register,this.#d),"
    "e=>(e.props.shared_props.visible&&e.component?.then(()=>{},()=>{}),e)])}",
)
"""What the first view shows is fetched at once, not each kind when what is around it is there."""

MENDS = (
    ATTACHED_EVENTS,
    EVENT_ARGUMENTS,
    FIND_NODE,
    WAITING_CLOCK,
    LAID_OUT_ONCE,
    SCRIPTS_WHEN_SHOWN,
    SHOWN_COMPONENTS,
    SCRIPTS_AT_ONCE,
)


@cache
def mended_scripts() -> dict[str, str]:
    """By the names of their files; none of a Gradio in which these functions are other ones."""
    mended: dict[str, str] = {}
    for mend in MENDS:
        for path in ASSETS.glob(mend.scripts):
            text = mended.get(path.name) or path.read_text(encoding="utf-8")
            if mend.before in text:
                mended[path.name] = text.replace(mend.before, mend.after)
    return mended
