/// The jobs ahead of a new one, each as the seconds that it would take alone. Jobs that run at once share the machine.
package struct Backlog {
    /// How many workers take jobs.
    package let workers: Int
    package var running: [Double]
    package var waiting: [Double]
    /// How many further jobs run on workers that none of these needs.
    package var others: Int

    package init(workers: Int, running: [Double] = [], waiting: [Double] = [], others: Int = 0) {
        self.workers = workers
        self.running = running
        self.waiting = waiting
        self.others = others
    }

    /// How long the machine computes for these jobs, in seconds.
    package var seconds: Double { (running + waiting).reduce(0, +) }

    /// After how many seconds a new job will be done that takes `own` alone, if no other job comes.
    package func secondsUntilEnd(of own: Double) -> Double {
        var active = running.map { (seconds: $0, isOwn: false) }
        var next = (waiting.map { (seconds: $0, isOwn: false) } + [(own, true)])[...]
        var elapsed = 0.0
        while true {
            while active.count < workers, let job = next.popFirst() { active.append(job) }
            let shortest = active.indices.min { active[$0].seconds < active[$1].seconds }
            guard let first = shortest else { return elapsed }
            let (share, isOwn) = active.remove(at: first)
            elapsed += share * Double(active.count + 1 + min(others, max(0, workers - active.count - 1)))
            if isOwn { return elapsed }
            for index in active.indices { active[index].seconds -= share }
        }
    }
}
