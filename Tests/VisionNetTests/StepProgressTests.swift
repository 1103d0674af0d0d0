import Dispatch
import Synchronization
import Testing
import VisionNet

@Suite("The parts of a step", .timeLimit(.minutes(5)))
struct StepProgressTests {
    private func parts(of progress: StepProgress, from threadIndex: Int, run: UInt32 = 1) -> [Int] {
        Array(sequence(state: ()) { _ in progress.take(from: threadIndex, in: run) })
    }

    @Test("go to a thread from its own share first, then from the shares that follow")
    func shares() {
        for (threadIndex, expected) in [[0, 1, 2, 3, 4, 5], [2, 3, 4, 5, 0, 1], [4, 5, 0, 1, 2, 3]].enumerated() {
            let progress = StepProgress(parts: 6, shares: 3)
            progress.reset(for: 1)
            #expect(parts(of: progress, from: threadIndex) == expected)
        }
    }

    @Test("are all handed out if there are more threads than parts", arguments: 0..<4)
    func fewParts(threadIndex: Int) {
        let progress = StepProgress(parts: 2, shares: 4)
        progress.reset(for: 1)
        #expect(parts(of: progress, from: threadIndex).sorted() == [0, 1])
        #expect(progress.isHandedOut(in: 1))
        #expect(!progress.isComplete(in: 1))
    }

    @Test("go to one thread each, however many ask at once")
    func concurrency() {
        let progress = StepProgress(parts: 1000, shares: 5)
        for run in UInt32(1)...20 {
            progress.reset(for: run)
            let taken = Mutex<[Int]>([])
            DispatchQueue.concurrentPerform(iterations: 5) { threadIndex in
                let own = parts(of: progress, from: threadIndex, run: run)
                for _ in own { progress.finishPart() }
                taken.withLock { $0 += own }
            }
            #expect(taken.withLock { $0.sorted() } == Array(0..<1000))
            #expect(progress.isComplete(in: run))
        }
    }

    @Test("of a later run are not given to a thread that is still in an earlier one")
    func lateThread() {
        let progress = StepProgress(parts: 4, shares: 2)
        progress.reset(for: 1)
        progress.reset(for: 2)
        #expect(parts(of: progress, from: 1, run: 1) == [])
        #expect(progress.isHandedOut(in: 1) && progress.isComplete(in: 1))
        #expect(!progress.isHandedOut(in: 2))
    }
}
