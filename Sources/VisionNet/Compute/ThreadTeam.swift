import CVectorKernels
import Synchronization

/// Threads that help with pictures: one team for the whole process, shared by all workspaces.
///
/// Whoever runs a program works on it; the team's helpers join while there are processors left. One picture alone gets
/// them all, and as many pictures as processors get one each. Parts of the work are handed out dynamically, its own
/// share to each thread first: one that loses its processor to another process holds up no more than the part it has in
/// hand. How many threads join in does not change the result. A thread that waits spins briefly, as steps are short,
/// then gives its processor away.
public final class ThreadTeam: Sendable {
    /// Threads that work at once, callers and helpers together.
    public let processors: Int
    private let shared: Shared

    /// - Parameter processors: at least 1; 1 starts no thread at all.
    public init(processors: Int) {
        self.processors = max(1, processors)
        shared = Shared(processors: self.processors)
        for threadIndex in 1..<self.processors {
            // Where the system grants no more threads, fewer do the same work.
            HelperThread.start { [shared] in shared.help(from: threadIndex) }
        }
    }

    deinit { shared.stop() }

    /// Runs all steps of a program; returns when the last is done.
    ///
    /// - Parameter scratch: the calling thread's.
    func run(_ program: Program, scratch: ScratchMemory) {
        shared.run(program, scratch)
    }
}

extension ThreadTeam {
    /// What the threads share; it outlives the team until they have stopped.
    private final class Shared: Sendable {
        /// A program that a caller is running.
        private struct Run {
            let program: Program
            let number: UInt32
            var helpers = 0
        }

        private struct State {
            var runs: [Run] = []
            var lastNumber: UInt32 = 0
            var helping = 0
            var isStopped = false
        }

        /// How often a waiting thread looks before it gives its processor away.
        private static let spins = 2000

        private let processors: Int
        private let state = Mutex(State())
        private let wakeUp = Condition()
        /// Callers and helpers at work, to be seen without the lock.
        private let working = Atomic<Int>(0)
        /// Counts what a sleeping helper may want to wake for.
        private let events = Atomic<UInt32>(0)

        init(processors: Int) {
            self.processors = processors
        }

        func run(_ program: Program, _ scratch: ScratchMemory) {
            let number = state.withLock { state in
                state.lastNumber &+= 1
                if state.lastNumber == 0 { state.lastNumber = 1 }
                for progress in program.progress { progress.reset(for: state.lastNumber) }
                state.runs.append(Run(program: program, number: state.lastNumber))
                return state.lastNumber
            }
            working.wrappingAdd(1, ordering: .relaxed)
            announce()
            work(on: program, number, from: 0, scratch)
            state.withLock { $0.runs.removeAll { $0.number == number } }
            working.wrappingSubtract(1, ordering: .relaxed)
            announce()
        }

        func stop() {
            state.withLock { $0.isStopped = true }
            announce()
        }

        /// Tells helpers to look again, if there may be something for them.
        private func announce() {
            guard processors > 1 else { return }
            events.wrappingAdd(1, ordering: .releasing)
            wakeUp.wakeAll()
        }

        /// A helper thread's life.
        ///
        /// - Parameter threadIndex: says which share of a step is the helper's own. Callers have 0.
        func help(from threadIndex: Int) {
            let scratch = ScratchMemory()
            while true {
                let seen = events.load(ordering: .acquiring)
                let (job, isStopped) = state.withLock { (join(&$0), $0.isStopped) }
                if isStopped { return }
                if let job {
                    work(on: job.program, job.number, from: threadIndex, scratch)
                    state.withLock { leave(job.number, &$0) }
                } else {
                    sleep(after: seen)
                }
            }
        }

        /// The run with the fewest helpers, while there are processors left.
        private func join(_ state: inout State) -> (program: Program, number: UInt32)? {
            guard state.runs.count + state.helping < processors,
                let index = state.runs.indices.filter({ !state.runs[$0].program.isHandedOut(in: state.runs[$0].number) }
                )
                .min(by: { state.runs[$0].helpers < state.runs[$1].helpers })
            else { return nil }
            state.runs[index].helpers += 1
            state.helping += 1
            working.wrappingAdd(1, ordering: .relaxed)
            return (state.runs[index].program, state.runs[index].number)
        }

        private func leave(_ number: UInt32, _ state: inout State) {
            state.helping -= 1
            working.wrappingSubtract(1, ordering: .relaxed)
            if let index = state.runs.firstIndex(where: { $0.number == number }) {
                state.runs[index].helpers -= 1
            }
        }

        private func sleep(after seen: UInt32) {
            for _ in 0..<Self.spins {
                if events.load(ordering: .acquiring) != seen { return }
                vk_spin_hint()
            }
            wakeUp.wait { events.load(ordering: .acquiring) != seen }
        }

        /// Does parts of every step until none is left. A helper leaves early where callers need its processor.
        private func work(
            on program: Program, _ number: UInt32, from threadIndex: Int, _ scratch: ScratchMemory
        ) {
            for (step, progress) in zip(program.steps, program.progress) {
                while let part = progress.take(from: threadIndex, in: number) {
                    step.run(part: part, scratch: scratch)
                    progress.finishPart()
                    if threadIndex > 0 && working.load(ordering: .relaxed) > processors { return }
                }
                var spins = 0
                while !progress.isComplete(in: number) {
                    spins += 1
                    if spins < Self.spins { vk_spin_hint() } else { HelperThread.yieldProcessor() }
                }
            }
        }
    }
}
