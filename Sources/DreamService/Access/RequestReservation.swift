/// What is set aside for a request with a photo, until its job has ended.
final class RequestReservation: Sendable {
    private let upload: UploadMemory.Reservation
    let place: ClientPlaces.Place

    init(upload: UploadMemory.Reservation, place: ClientPlaces.Place) {
        self.upload = upload
        self.place = place
    }
}
