"""Runs a page's content into a Drawing: pdfminer's interpreter, with its hottest operators written out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pdfminer.pdfinterp import PDFGraphicState, PDFPageInterpreter, PDFTextState
from pdfminer.pdftypes import stream_value
from pdfminer.psparser import literal_name
from pdfminer.utils import Matrix, mult_matrix

from pipelines.text.content import operations
from pipelines.text.drawing import Drawing
from pipelines.text.painting import is_off, layer_named, opacity
from pipelines.text.showing import show

# Joined, the content of a page; the longest real ones have some 20 MB.
MOST_CONTENT = 200_000_000


class TooMuchContentError(Exception):
    """What draws the page is longer than MOST_CONTENT."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST_CONTENT} bytes of content")


class Interpreter(PDFPageInterpreter):
    """pdfminer's interpreter, with the operators of which a page has thousands written out for a Drawing."""

    device: Drawing
    _inherited: PDFGraphicState | None = None

    def subinterp(self) -> PDFPageInterpreter:
        inner = super().subinterp()
        assert isinstance(inner, Interpreter)
        inner._inherited = self.graphicstate
        return inner

    def init_state(self, ctm: Matrix) -> None:
        super().init_state(ctm)
        if self._inherited is not None:
            # A form begins with the colours of the page that draws it (ISO 32000-1, 8.10.1).
            self.graphicstate = _copied(self._inherited)

    def get_current_state(self) -> tuple[Matrix, PDFTextState, PDFGraphicState]:
        return self.ctm, _copied(self.textstate), _copied(self.graphicstate)

    def execute(self, streams: Sequence[object]) -> None:
        """Run the streams as one; those that are being run already are left out, and so are those without a number."""
        self.stream_ids.clear()
        parts, length = [], 0
        for stream in map(stream_value, streams):
            if stream.objid is None or stream.objid in self.parent_stream_ids:
                continue
            self.stream_ids.add(stream.objid)
            parts.append(stream.get_data())
            length += len(parts[-1])
            if length > MOST_CONTENT:
                raise TooMuchContentError
        for operator, operands, plain in operations(b"\n".join(parts)):
            if plain and (quick := _QUICK.get(operator)) and quick[1] == len(operands):
                quick[0](self, operands)
            else:
                self._run(operator, operands)

    def _run(self, operator: bytes, operands: list[Any]) -> None:
        """As pdfminer does, but that an operator has its own operands only (ISO 32000-1, 7.8.2)."""
        method, count = _METHODS.get(operator, ("", 0))
        if not method:
            return
        self.argstack = operands
        if count == 0:
            getattr(self, method)()
        elif len(operands) >= count:
            getattr(self, method)(*operands[-count:])

    def do_Do(self, xobjid_arg: Any) -> None:  # noqa: N802
        self.device.look = self.graphicstate
        super().do_Do(xobjid_arg)
        self.device.set_ctm(self.ctm)

    def do_EI(self, obj: Any) -> None:  # noqa: N802
        self.device.look = self.graphicstate
        super().do_EI(obj)

    def do_gs(self, name: Any) -> None:
        opaque = opacity(self.resources, name)
        if opaque is not None:
            vars(self.graphicstate)["opaque"] = opaque

    def do_sh(self, name: Any) -> None:
        self.device.look = self.graphicstate
        self.device.render_shading()

    def do_W(self) -> None:  # noqa: N802
        # It holds from the next path on; a path that is painted and clips shows whole within itself.
        known = vars(self.graphicstate)
        known["clip"] = self.device.clipped(self.curpath, known.get("clip"))

    def do_W_a(self) -> None:  # noqa: N802
        self.do_W()

    def do_BDC(self, tag: Any, props: Any) -> None:  # noqa: N802
        off = self.device.layers_off
        self.device.begin_layer(
            bool(off) and literal_name(tag) == "OC" and is_off(layer_named(self.resources, props), off)
        )

    def do_BMC(self, tag: Any) -> None:  # noqa: N802
        self.device.begin_layer(False)

    def do_EMC(self) -> None:  # noqa: N802
        self.device.end_layer()

    def do_F(self) -> None:  # noqa: N802
        self.do_f()

    def do_TJ(self, seq: Any) -> None:  # noqa: N802
        state = self.textstate
        if state.font is not None and isinstance(seq, list):
            show(self.device, state, self.graphicstate, seq)

    def quick_text(self, operands: list[Any]) -> None:
        if self.textstate.font is not None:
            show(self.device, self.textstate, self.graphicstate, operands)

    def quick_array(self, operands: list[Any]) -> None:
        if self.textstate.font is not None:
            show(self.device, self.textstate, self.graphicstate, operands[0])

    def quick_move(self, operands: list[Any]) -> None:
        x, y = operands
        state = self.textstate
        a, b, c, d, e, f = state.matrix
        state.matrix = (a, b, c, d, x * a + y * c + e, x * b + y * d + f)
        state.linematrix = (0, 0)

    def quick_move_set(self, operands: list[Any]) -> None:
        self.quick_move(operands)
        self.textstate.leading = operands[1]

    def quick_matrix(self, operands: list[Any]) -> None:
        self.textstate.matrix = tuple(operands)
        self.textstate.linematrix = (0, 0)

    def quick_concatenate(self, operands: list[Any]) -> None:
        a, b, c, d, e, f = operands
        self.ctm = self.device.ctm = mult_matrix((a, b, c, d, e, f), self.ctm)

    def quick_corner(self, operands: list[Any]) -> None:
        self.curpath.append(("m", *operands))

    def quick_line(self, operands: list[Any]) -> None:
        self.curpath.append(("l", *operands))

    def quick_curve(self, operands: list[Any]) -> None:
        self.curpath.append(("c", *operands))


_State = TypeVar("_State", PDFTextState, PDFGraphicState)


def _copied(state: _State) -> _State:
    copy = object.__new__(type(state))
    vars(copy).update(vars(state))
    return copy


_QUICK: dict[bytes, tuple[Callable[[Interpreter, list[Any]], None], int]] = {
    b"Tj": (Interpreter.quick_text, 1),
    b"TJ": (Interpreter.quick_array, 1),
    b"Td": (Interpreter.quick_move, 2),
    b"TD": (Interpreter.quick_move_set, 2),
    b"Tm": (Interpreter.quick_matrix, 6),
    b"cm": (Interpreter.quick_concatenate, 6),
    b"m": (Interpreter.quick_corner, 2),
    b"l": (Interpreter.quick_line, 2),
    b"c": (Interpreter.quick_curve, 6),
}


def _methods() -> dict[bytes, tuple[str, int]]:
    """The method of each operator, and how many operands it takes."""
    found = {}
    for name in dir(Interpreter):
        if name.startswith("do_"):
            operator = name[3:].replace("_a", "*").replace("_w", '"').replace("_q", "'")
            found[operator.encode()] = name, getattr(Interpreter, name).__code__.co_argcount - 1
    return found


_METHODS = _methods()
