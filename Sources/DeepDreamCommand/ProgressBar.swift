import DeepDream

/// A line on the terminal that shows the progress of a dream. Nothing is shown if standard error is not a terminal.
struct ProgressBar {
    private let isShown: Bool
    private let start = ContinuousClock.now

    init(isShown: Bool) {
        self.isShown = isShown && StandardError.isTerminal
    }

    func show(_ progress: DreamProgress) {
        guard isShown else { return }
        let width = 30
        let filled = width * progress.step / max(1, progress.totalSteps)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let seconds = start.duration(to: .now) / .seconds(1)
        let left = seconds / Double(max(1, progress.step)) * Double(progress.totalSteps - progress.step)
        StandardError.print(
            "\r\(bar) step \(progress.step)/\(progress.totalSteps), octave \(progress.octave)/\(progress.octaves), "
                + "\(Int(left.rounded(.up))) s left\u{1B}[K", terminator: "")
    }

    /// Clears the line.
    func clear() {
        if isShown { StandardError.print("\r\u{1B}[K", terminator: "") }
    }
}
