import Synchronization

/// Which parts of a step were handed out and how many are done, in the run of a certain number.
///
/// The parts are divided into shares, in their order. A thread takes its own share first, and then what is left of the
/// others': so the same thread works on the same rows of the picture in one step after another and finds them in its
/// own cache, and yet waits for nobody who is slow.
///
/// A thread that was put to sleep may come back during a later run. The run's number stands beside each count in one
/// atomic word, so such a thread notices before it takes work that is not its own.
package final class StepProgress: Sendable {
    private let parts: Int
    private let shares: Int
    /// The next part of each share; an array cannot hold atomics. Unsafe by its type only: what it points at is atomic.
    nonisolated(unsafe) private let next: UnsafeMutablePointer<Atomic<UInt64>>
    private let done = Atomic<UInt64>(0)

    private static let countBits: UInt64 = 32

    /// - Parameters:
    ///   - parts: at least 1.
    ///   - shares: as many as threads may take part, at least 1.
    package init(parts: Int, shares: Int) {
        self.parts = parts
        self.shares = shares
        next = .allocate(capacity: shares)
        for share in 0..<shares { (next + share).initialize(to: Atomic(0)) }
    }

    deinit {
        next.deinitialize(count: shares)
        next.deallocate()
    }

    private static func word(_ run: UInt32, _ count: Int) -> UInt64 {
        UInt64(run) << countBits | UInt64(UInt32(truncatingIfNeeded: count))
    }

    private static func count(_ word: UInt64, in run: UInt32) -> Int? {
        word >> countBits == UInt64(run) ? Int(UInt32(truncatingIfNeeded: word)) : nil
    }

    private func start(ofShare share: Int) -> Int { parts * share / shares }

    /// Begins a run: no part is taken.
    ///
    /// - Parameter run: from 1, another one than the last.
    package func reset(for run: UInt32) {
        for share in 0..<shares { next[share].store(Self.word(run, start(ofShare: share)), ordering: .releasing) }
        done.store(Self.word(run, 0), ordering: .releasing)
    }

    /// A part to do, or nil where none is left or the run is over.
    ///
    /// - Parameter threadIndex: tells the threads of a run apart, from 0; that share is the thread's own.
    package func take(from threadIndex: Int, in run: UInt32) -> Int? {
        for distance in 0..<shares {
            if let part = take(ofShare: (threadIndex + distance) % shares, in: run) { return part }
        }
        return nil
    }

    private func take(ofShare share: Int, in run: UInt32) -> Int? {
        let end = start(ofShare: share + 1)
        var word = next[share].load(ordering: .acquiring)
        while let part = Self.count(word, in: run), part < end {
            let (exchanged, original) = next[share].compareExchange(
                expected: word, desired: Self.word(run, part + 1), ordering: .acquiringAndReleasing)
            if exchanged { return part }
            word = original
        }
        return nil
    }

    /// Whether every part is taken, or the run over.
    package func isHandedOut(in run: UInt32) -> Bool {
        (0..<shares).allSatisfy { share in
            guard let count = Self.count(next[share].load(ordering: .acquiring), in: run) else { return true }
            return count >= start(ofShare: share + 1)
        }
    }

    /// Says that a part that was taken is done.
    package func finishPart() {
        done.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }

    /// Whether every part is done, or the run over.
    package func isComplete(in run: UInt32) -> Bool {
        guard let count = Self.count(done.load(ordering: .acquiring), in: run) else { return true }
        return count >= parts
    }
}
