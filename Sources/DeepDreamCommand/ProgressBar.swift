import DeepDream

/// A line on the terminal that shows the progress of one or several dreams. Nothing is shown if standard error is not a
/// terminal.
struct ProgressBar {
    private let isShown: Bool
    private let start = ContinuousClock.now
    /// The work that each dream is.
    private let works: [Double]

    /// - Parameter works: the work that each of several dreams is, in any unit.
    init(isShown: Bool, works: [Double] = [1]) {
        self.isShown = isShown && StandardError.isTerminal
        self.works = works
    }

    /// - Parameter photo: which of the dreams it is.
    func show(_ progress: DreamProgress, photo: Int = 0) {
        guard isShown else { return }
        let width = 30
        let done = works[..<photo].reduce(0, +) + works[photo] * progress.fraction
        let fraction = done / max(1e-9, works.reduce(0, +))
        let filled = Int(Double(width) * fraction)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let seconds = start.duration(to: .now) / .seconds(1)
        let left = seconds / max(1e-9, fraction) * (1 - fraction)
        let picture = works.count > 1 ? "picture \(photo + 1)/\(works.count), " : ""
        let steps = "step \(progress.step)/\(progress.totalSteps), octave \(progress.octave)/\(progress.octaves)"
        StandardError.print(
            "\r\(bar) \(picture)\(steps), \(Int(left.rounded(.up))) s left\u{1B}[K", terminator: "")
    }

    /// Clears the line.
    func clear() {
        if isShown { StandardError.print("\r\u{1B}[K", terminator: "") }
    }
}
