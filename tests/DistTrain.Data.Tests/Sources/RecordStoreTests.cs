namespace DistTrain.Data.Tests;

public class RecordStoreTests
{
    [Theory]
    [InlineData(1 << 27, false)]
    [InlineData(1 << 20, true)]
    public void Records_come_back_from_memory_and_from_a_file(long memoryBytesMax, bool isFile)
    {
        const int Bytes = 12, Count = 400_000;
        var builder = new RecordStore.Builder("test", Bytes, memoryBytesMax);
        byte[] record = new byte[Bytes];
        for (int i = 0; i < Count; i++)
        {
            BitConverter.TryWriteBytes(record, i);
            BitConverter.TryWriteBytes(record.AsSpan(8), ~i);
            builder.Add(record);
        }

        RecordStore store = builder.Build();
        Assert.Equal((Count, isFile), (store.Count, store.IsFile));
        int[] wanted = [Count - 1, 0, 1, 2, 87_380, 87_381, 87_382, 174_762, 174_763, Count - 2, Count - 1];
        byte[] found = new byte[wanted.Length * Bytes];
        store.Gather(wanted, found);
        for (int i = 0; i < wanted.Length; i++)
        {
            Assert.Equal(wanted[i], BitConverter.ToInt32(found, i * Bytes));
            Assert.Equal(~wanted[i], BitConverter.ToInt32(found, (i * Bytes) + 8));
        }
    }
}
