import CVectorKernels
import Glibc
import Synchronization

/// Threads that run programs together; the caller is one of them.
///
/// Units are handed out dynamically, so a thread that loses its core to another process holds up no more than the
/// units it has in hand. A thread that waits spins briefly, as steps are short, then gives its core away.
final class ThreadTeam: Sendable {
    let threads: Int
    private let shared: Shared

    /// - Parameter threads: at least 1; 1 starts no thread at all.
    init(threads: Int) {
        self.threads = max(1, threads)
        shared = Shared()
        for index in 1..<self.threads {
            Self.startThread { [shared] in shared.serve(thread: index) }
        }
    }

    deinit { shared.stop() }

    /// Runs all steps of a program; returns when the last is done.
    func run(_ program: Program) {
        guard threads > 1 else {
            for step in program.steps {
                for first in stride(from: 0, to: step.units, by: step.grain) {
                    step.body(first..<min(first + step.grain, step.units), 0)
                }
            }
            return
        }
        let run = shared.begin(program)
        Shared.work(on: program, run: run, thread: 0)
    }

    private static func startThread(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let argument = Unmanaged.passRetained(Box(body)).toOpaque()
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, argument)
        if status == 0 {
            pthread_detach(thread)
        } else {
            // Fewer threads do the same work.
            Unmanaged<Box>.fromOpaque(argument).release()
        }
    }
}

extension ThreadTeam {
    /// What the threads share; it outlives the team until they have stopped.
    private final class Shared: Sendable {
        private struct State {
            var run: UInt32 = 0
            var program: Program?
            var isStopped = false
        }

        /// How often a waiting thread looks before it gives its core away.
        private static let spins = 4000

        private let condition = Condition()
        private let state = Mutex(State())
        /// The number of the latest run, to be seen without the lock.
        private let latest = Atomic<UInt32>(0)

        func begin(_ program: Program) -> UInt32 {
            let run = state.withLock { state in
                state.run &+= 1
                if state.run == 0 { state.run = 1 }
                for progress in program.progress { progress.reset(for: state.run) }
                state.program = program
                latest.store(state.run, ordering: .releasing)
                return state.run
            }
            condition.wakeAll()
            return run
        }

        func stop() {
            state.withLock { state in
                state.isStopped = true
                state.program = nil
                state.run &+= 1
                latest.store(state.run, ordering: .releasing)
            }
            condition.wakeAll()
        }

        /// A helper thread's life.
        func serve(thread: Int) {
            var last: UInt32 = 0
            while true {
                var spins = 0
                while latest.load(ordering: .acquiring) == last && spins < Self.spins {
                    vk_spin_hint()
                    spins += 1
                }
                condition.wait { latest.load(ordering: .acquiring) != last }
                let (run, program, isStopped) = state.withLock { ($0.run, $0.program, $0.isStopped) }
                if isStopped { return }
                last = run
                if let program { Self.work(on: program, run: run, thread: thread) }
            }
        }

        static func work(on program: Program, run: UInt32, thread: Int) {
            for (step, progress) in zip(program.steps, program.progress) {
                while let units = progress.take(step.grain, of: step.units, in: run) {
                    step.body(units, thread)
                    progress.finish(units.count)
                }
                var spins = 0
                while !progress.isComplete(step.units, in: run) {
                    spins += 1
                    if spins < Self.spins { vk_spin_hint() } else { sched_yield() }
                }
            }
        }
    }
}

/// A condition variable with its mutex.
private final class Condition: @unchecked Sendable {  // pthread objects are made for sharing.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func wait(until isTrue: () -> Bool) {
        pthread_mutex_lock(mutex)
        while !isTrue() { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }

    func wakeAll() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}
