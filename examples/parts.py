"""The parts that a job's data are cut into, as docs/numerics.md says: for PyTorch scripts that compare on the same samples."""
MASK = 0xFFFFFFFF


def stream(name):
    h = 2166136261
    for byte in name.encode():
        h = ((h ^ byte) * 16777619) & MASK
    return h


def word(seed, element, sample, passes, name):
    """Word 0 of the Philox 4x32-10 block."""
    c = [element, sample, passes, name]
    k0, k1 = seed & MASK, seed >> 32
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k0, p1 & MASK, (p0 >> 32) ^ c[3] ^ k1, p0 & MASK]
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return c[0]


def permutation(seed, count, name, first):
    """The samples at the first positions of pass 0."""
    rows = int(count ** 0.5)
    rows += rows * rows < count
    columns = -(-count // rows)

    def step(value):
        left, right, span, other = value // columns, value % columns, rows, columns
        for turn in range(6):
            left, right = right, (left + (word(seed, right, turn, 0, stream(name)) * span >> 32)) % span
            span, other = other, span
        return left * columns + right

    for position in range(first):
        value = step(position)
        while value >= count:
            value = step(value)
        yield value


def cut(seed, count, fraction, name="split/test"):
    """(rest, part) of the indices below count, each ascending."""
    size = int(fraction * count + 0.5)
    part = set(permutation(seed, count, name, size))
    return [i for i in range(count) if i not in part], sorted(part)
