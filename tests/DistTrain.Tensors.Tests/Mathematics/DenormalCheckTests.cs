namespace DistTrain.Tensors.Tests;

public class DenormalCheckTests
{
    [Fact]
    public void A_thread_that_keeps_denormals_passes() => Assert.Null(Record.Exception(DenormalCheck.ThrowIfFlushed));
}
