namespace DistTrain.Hosting.Tests;

public class SharedPlaceTests
{
    [SharedMemoryFact]
    public void Places_are_written_as_they_are_read()
    {
        var place = new SharedPlace(new SharedHandle(123, 45, long.MinValue + 7), (long)int.MaxValue * 5, 9, 1023);
        Span<byte> bytes = stackalloc byte[SharedPlace.Bytes];
        place.Write(bytes);
        Assert.Equal(place, SharedPlace.Read(bytes));
    }
}
