import VisionNet

/// The decisions of a plan's last run.
struct RecordedDecisions: NaiveNetwork.Decisions {
    let plan: PlanDecisions

    func isOpen(_ tensor: Int, _ row: Int, _ column: Int, _ channel: Int) -> Bool {
        plan.isPositive(tensor: tensor, row: row, column: column, channel: channel) ?? true
    }

    func choice(_ output: Graph.Slice, _ row: Int, _ column: Int, _ channel: Int) -> Int {
        plan.position(
            tensor: output.tensor, firstChannel: output.channels.lowerBound, row: row, column: column,
            channel: channel) ?? 0
    }
}
