/// SplitMix64: the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) &+ 0x9e37_79b9_7f4a_7c15 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func integer(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &self) }
    mutating func float() -> Float { .random(in: -1...1, using: &self) }
    mutating func flip() -> Bool { .random(using: &self) }
}

extension SeededGenerator {
    /// A range of at least one element.
    mutating func range(in count: Int) -> Range<Int> {
        let first = integer(0...count - 1)
        return first..<integer(first + 1...count)
    }

    /// Ranges that make up 0..<count.
    mutating func split(_ count: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        while (ranges.last?.upperBound ?? 0) < count {
            let first = ranges.last?.upperBound ?? 0
            ranges.append(first..<integer(first + 1...count))
        }
        return ranges
    }
}
