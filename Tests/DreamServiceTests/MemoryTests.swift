import DeepDream
import Dispatch
import DreamService
import Foundation
import Synchronization
import TestSupport
import Testing
import VisionNet

/// The memory of the service as one budget.
@Suite(.ownThread, .timeLimit(.minutes(5))) struct MemoryTests {
    @Test(
        "the smallest limit of the process's control group and its ancestors is used",
        arguments: [
            ("0::/a/b", ["a/b/memory.max": "300\n", "a/memory.max": "200\n"], 200),
            ("0::/a", ["a/memory.max": "max\n", "a/memory.high": "500\n"], 500),
            ("0::/a", ["a/memory.max": "max\n"], nil),
            (
                "4:memory:/a\n0::/", ["memory/a/memory.limit_in_bytes": "700\n", "cpu/a/memory.limit_in_bytes": "1"],
                700
            ),
            // In a container its own group is mounted, whatever path it has outside.
            ("0::/docker/4f1", ["memory.max": "900\n"], 900),
        ] as [(String, [String: String], Int?)])
    func groups(list: String, files: [String: String], expected: Int?) async throws {
        try await TestFiles.withDirectory(of: files) { mount in
            #expect(Memory.limit(ofGroups: list, under: mount.path) == expected)
        }
    }

    @Test("shares fit into the budget, grow, shrink, and are given back when nobody has them")
    func shares() throws {
        let budget = MemoryBudget(capacity: 100)
        var first = budget.take(60)
        #expect(first != nil && budget.take(41) == nil)
        let second = try #require(budget.take(30))
        #expect(!second.grow(by: 11) && second.grow(by: 10))
        first?.shrink(to: 20)
        #expect(budget.reservedBytes == 60)
        first = nil
        #expect(budget.reservedBytes == 40)
        withExtendedLifetime((first, second)) {}
    }

    @Test("caches give way, but not in vain")
    func caches() throws {
        let budget = MemoryBudget(capacity: 100)
        let cached = Mutex(50)
        budget.add(.init(bytes: { cached.withLock { $0 } }, empty: { cached.withLock { $0 = 0 } }))
        let first = try #require(budget.take(40))
        #expect(cached.withLock { $0 } == 50)
        #expect(budget.take(61) == nil && cached.withLock { $0 } == 50)
        let second = try #require(budget.take(60))
        #expect(cached.withLock { $0 } == 0)
        withExtendedLifetime((first, second)) {}
    }

    // MARK: The queue

    private let gate = GatedProcessor.Gate()
    private let ends = Lines()
    private let results = KeptResults()

    /// The results of jobs, which hold their memory.
    private final class KeptResults: Sendable {
        private let results = Mutex<[String: JobResult]>([:])
        func keep(_ result: JobResult, of name: String) { results.withLock { $0[name] = result } }
        /// A result's memory is given back outside of the lock.
        func drop(_ name: String) { _ = results.withLock { $0.removeValue(forKey: name) } }
    }

    private func job(_ name: String, memory: Int, keepsResult: Bool = false) -> Job {
        Job(id: name, upload: Array(name.utf8), recipe: .plain(model: ""), memory: memory) { [ends, results] report in
            if case .success(let result) = report.outcome, keepsResult { results.keep(result, of: name) }
            ends.append(name)
        }
    }

    @Test("a job waits for its memory, and is not overtaken by those that need less")
    func fairness() async throws {
        let budget = MemoryBudget(capacity: 100)
        let queue = JobQueue(capacity: 9, workers: 3, memory: budget)
        let pool = WorkerPool(queue: queue) { [gate] in GatedProcessor(gate: gate) }
        for (name, memory) in [("a", 40), ("large", 90), ("b", 10), ("c", 10)] {
            try queue.submit(job(name, memory: memory))
        }
        try await gate.started.reaches(1)
        // The other workers have looked, and found no memory.
        for _ in 0..<50 { await Task.yield() }
        #expect(queue.counts == JobQueue.Counts(waiting: 3, running: 1) && budget.reservedBytes == 40)
        gate.open()
        try await gate.started.reaches(3)
        #expect(queue.counts.running == 2 && budget.reservedBytes == 100)
        await gate.finish(queue, pool, jobs: 3)
        #expect(ends.all.first == "a" && Set(ends.all) == ["a", "large", "b", "c"])
        #expect(budget.reservedBytes == 0)
    }

    @Test("when a job that waits for memory is cancelled, the next one starts")
    func cancellation() async throws {
        let queue = JobQueue(capacity: 9, workers: 2, memory: MemoryBudget(capacity: 100))
        let pool = WorkerPool(queue: queue) { [gate] in GatedProcessor(gate: gate) }
        let large = job("large", memory: 90)
        try queue.submit(job("a", memory: 40))
        try await gate.started.reaches(1)
        try queue.submit(large)
        try queue.submit(job("b", memory: 10))
        queue.cancel(large, .clientLeft)
        try await gate.started.reaches(2)
        await gate.finish(queue, pool, jobs: 2)
        #expect(ends.all.first == "large" && Set(ends.all) == ["large", "a", "b"])
    }

    @Test("a result counts until nobody has it, and a job waits for its memory, too")
    func unreadResults() async throws {
        let budget = MemoryBudget(capacity: 100)
        let queue = JobQueue(capacity: 9, workers: 2, memory: budget)
        let pool = WorkerPool(queue: queue) { [gate] in GatedProcessor(gate: gate) }
        try queue.submit(job("first", memory: 50, keepsResult: true))
        gate.open()
        _ = try await ends.first { $0 == "first" }
        #expect(budget.reservedBytes == "first".utf8.count)
        try queue.submit(job("all", memory: 100))
        for _ in 0..<50 { await Task.yield() }
        #expect(queue.counts.waiting == 1)
        results.drop("first")
        try await gate.started.reaches(2)
        await gate.finish(queue, pool, jobs: 1)
        #expect(ends.all == ["first", "all"])
    }
}
