"""A disk that a power cut may leave in any state that the system calls allow.

What was written to a file is certain after fdatasync or fsync of that file; that a name exists, or does not any more,
is certain after a sync of its directory. Of all the rest a cut keeps nothing, a prefix, any part, or any sectors of any
part: a write may be torn at 512 bytes. File systems are kinder than this."""
import os
import shutil

SECTOR = 512
WAYS = ("none", "prefix", "subset", "torn")


class Inode:
    def __init__(self):
        self.certain = bytearray()
        self.pending = []  # (number, operation), in order


class Write:
    def __init__(self, offset, data):
        self.offset, self.data = offset, data

    def apply(self, content):
        lay(content, self.offset, self.data)

    def tear(self, content, rng):
        """Each sector of the disk for itself."""
        at, end = self.offset, self.offset + len(self.data)
        while at < end:
            upto = min((at // SECTOR + 1) * SECTOR, end)
            if rng.random() < 0.5:
                lay(content, at, self.data[at - self.offset:upto - self.offset])
            at = upto


class Truncate:
    def __init__(self, size):
        self.size = size

    def apply(self, content):
        if len(content) > self.size:
            del content[self.size:]
        else:
            content.extend(bytes(self.size - len(content)))

    def tear(self, content, rng):
        self.apply(content)


def lay(content, offset, data):
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


class Disk:
    """One directory. Names are what stands after the last slash."""

    def __init__(self):
        self.certain_names, self.pending_names = {}, []  # name -> inode; (number, name, inode or None)
        self.names = {}  # as the running program sees them
        self.number = 0

    def next(self):
        self.number += 1
        return self.number

    def open(self, name, create):
        """None when it is not there."""
        if name not in self.names and create:
            self.names[name] = Inode()
            self.pending_names.append((self.next(), name, self.names[name]))
        return self.names.get(name)

    def unlink(self, name):
        if self.names.pop(name, None):
            self.pending_names.append((self.next(), name, None))

    def rename(self, old, new):
        inode = self.names.pop(old)
        self.names[new] = inode
        self.pending_names += [(self.next(), new, inode), (self.next(), old, None)]

    def change(self, inode, operation):
        inode.pending.append((self.next(), operation))

    @staticmethod
    def sync(inode):
        for _, operation in inode.pending:
            operation.apply(inode.certain)
        inode.pending = []

    def sync_directory(self):
        for _, name, inode in self.pending_names:
            set_name(self.certain_names, name, inode)
        self.pending_names = []

    # The cut

    def pending_count(self):
        return len(self.pending_names) + sum(len(i.pending) for i in self.inodes())

    def inodes(self):
        return {id(i): i for i in [*self.names.values(), *self.certain_names.values(),
                                   *(i for _, _, i in self.pending_names if i)]}.values()

    def chosen(self, way, rng):
        """Which numbers of the pending operations the cut keeps."""
        numbers = sorted([n for n, _, _ in self.pending_names] + [n for i in self.inodes() for n, _ in i.pending])
        if way == "none":
            return set()
        if way == "prefix":
            return set(numbers[:rng.randint(0, len(numbers))])
        share = rng.random()
        return {n for n in numbers if rng.random() < share}

    def image(self, way, rng):
        """name -> content, as it might be found when the power is back."""
        kept = self.chosen(way, rng)
        names = dict(self.certain_names)
        for number, name, inode in self.pending_names:
            if number in kept:
                set_name(names, name, inode)
        return {name: self.content(inode, kept, way == "torn", rng) for name, inode in names.items()}

    @staticmethod
    def content(inode, kept, torn, rng):
        operations = [operation for number, operation in inode.pending if number in kept]
        if not operations:
            return inode.certain
        content = bytearray(inode.certain)
        for operation in operations:
            if torn:
                operation.tear(content, rng)
            else:
                operation.apply(content)
        return content


def set_name(names, name, inode):
    if inode is None:
        names.pop(name, None)
    else:
        names[name] = inode


def put(image, folder):
    """The image, and nothing else, in a folder."""
    for name in os.listdir(folder):
        if name not in image:
            os.unlink(os.path.join(folder, name))
    for name, content in image.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(content)


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    return folder
