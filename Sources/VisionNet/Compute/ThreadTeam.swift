import CVectorKernels
import Synchronization

/// Threads that help with computing: one team for the whole process, shared by all workspaces.
///
/// The thread that runs a program works on it; helper threads of the team join while processors are free. A single
/// picture gets all of them; as many pictures as there are processors get one each. Parts of the work are handed out as
/// threads become free, to each thread first from its own share, so a thread that loses its processor to another
/// process delays only the part it is working on. The number of threads does not change the result. A waiting thread
/// spins briefly, as steps are short, then gives up its processor.
public final class ThreadTeam: Sendable {
    /// The number of threads that work at once, callers and helpers together.
    public let processors: Int
    private let shared: Shared

    /// - Parameter processors: the number of threads that work at once, at least 1; with 1 no helper is started.
    public init(processors: Int) {
        self.processors = max(1, processors)
        shared = Shared(processors: self.processors)
        for threadIndex in 1..<self.processors {
            // If the system refuses more threads, fewer threads do the same work.
            HelperThread.start { [shared] in shared.help(from: threadIndex) }
        }
    }

    deinit { shared.stop() }

    /// Runs all steps of a program; returns when the last one is done.
    ///
    /// - Parameters:
    ///   - program: the steps to run.
    ///   - scratch: the calling thread's scratch memory.
    ///   - isCancelled: asked before each part of the calling thread; once it returns true, the remaining parts of all
    ///     threads are left out.
    func run(_ program: Program, scratch: ScratchMemory, isCancelled: () -> Bool = { false }) {
        shared.run(program, scratch, isCancelled)
    }
}

extension ThreadTeam {
    /// The state that the threads share; it lives until all of them have stopped.
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

        /// How often a waiting thread checks before it gives up its processor.
        private static let spins = 2000

        private let processors: Int
        private let state = Mutex(State())
        private let wakeUp = Condition()
        /// The number of callers and helpers at work, readable without the lock.
        private let working = Atomic<Int>(0)
        /// Counts the changes that a sleeping helper may have to wake up for.
        private let events = Atomic<UInt32>(0)

        init(processors: Int) {
            self.processors = processors
        }

        func run(_ program: Program, _ scratch: ScratchMemory, _ isCancelled: () -> Bool) {
            let number = state.withLock { state in
                state.lastNumber &+= 1
                if state.lastNumber == 0 { state.lastNumber = 1 }
                for progress in program.progress { progress.reset(for: state.lastNumber) }
                program.isAbandoned.store(false, ordering: .relaxed)
                state.runs.append(Run(program: program, number: state.lastNumber))
                return state.lastNumber
            }
            working.wrappingAdd(1, ordering: .relaxed)
            announce()
            work(on: program, number, from: 0, scratch) {
                if isCancelled() { program.isAbandoned.store(true, ordering: .relaxed) }
            }
            state.withLock { $0.runs.removeAll { $0.number == number } }
            working.wrappingSubtract(1, ordering: .relaxed)
            announce()
        }

        func stop() {
            state.withLock { $0.isStopped = true }
            announce()
        }

        /// Wakes the helpers if there may be work for them.
        private func announce() {
            guard processors > 1 else { return }
            events.wrappingAdd(1, ordering: .releasing)
            wakeUp.wakeAll()
        }

        /// The main loop of a helper thread.
        ///
        /// - Parameter threadIndex: selects the helper's own share of each step. Callers have 0.
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

        /// Joins the run with the fewest helpers, while processors are free.
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

        /// Does parts of every step until none is left. A helper leaves early if callers need its processor.
        ///
        /// - Parameter check: called before each part; it may abandon the program, whose parts are then only counted.
        private func work(
            on program: Program, _ number: UInt32, from threadIndex: Int, _ scratch: ScratchMemory,
            check: () -> Void = {}
        ) {
            for (step, progress) in zip(program.steps, program.progress) {
                while let part = progress.take(from: threadIndex, in: number) {
                    check()
                    if !program.isAbandoned.load(ordering: .relaxed) { step.run(part: part, scratch: scratch) }
                    progress.finishPart()
                    if threadIndex > 0 && working.load(ordering: .relaxed) > processors { return }
                }
                var spins = 0
                while !progress.isComplete(in: number) {
                    spins += 1
                    if spins < Self.spins { vk_spin_hint() } else { yieldProcessor() }
                }
            }
        }
    }
}
