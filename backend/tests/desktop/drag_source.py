"""A program that files are dragged from: press on its small square, and what stdin named last is dragged."""

from __future__ import annotations

import json
import sys
import threading

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

SIZE = 40


class Square(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []
        flags = Qt.WindowType.X11BypassWindowManagerHint | Qt.WindowType.WindowStaysOnTopHint
        self.setWindowFlags(flags)
        self.setGeometry(0, 0, SIZE, SIZE)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 # Qt's name
        del event
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in self.paths])
        drag = QDrag(self)
        drag.setMimeData(data)
        done = drag.exec(Qt.DropAction.CopyAction)
        sys.stdout.write(f"{done.name}\n")
        sys.stdout.flush()


def main() -> None:
    app = QApplication(sys.argv)
    square = Square()
    square.show()

    def read() -> None:
        for line in sys.stdin:
            square.paths = json.loads(line)
            sys.stdout.write("ready\n")
            sys.stdout.flush()

    threading.Thread(target=read, daemon=True).start()
    app.exec()


if __name__ == "__main__":
    main()
