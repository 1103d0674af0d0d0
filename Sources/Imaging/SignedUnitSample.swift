/// A byte of a picture that stands for `byte / 127.5 − 1`, as in `FloatImage(signedUnit:)`.
///
/// With it, a picture can be resampled to floats without a copy in floats of the whole picture.
struct SignedUnitSample: ResamplableSample {
    let byte: UInt8

    var floatValue: Float { Float(byte) / 127.5 - 1 }

    init(resampled value: Float) { byte = UInt8(signedUnit: value) }
}
