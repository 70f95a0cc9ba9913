using System.IO.Compression;
using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Data.Tests;

public sealed class CifarSetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Planes_become_channels_and_files_follow_each_other()
    {
        folder.Write("data_batch_1.bin", Record(3));
        folder.Write("data_batch_2.bin.gz", Gzip([.. Record(5), .. Record(9)]));
        folder.Write("test_batch.bin", Record(0));
        Splits splits = CifarSet.Open(folder.FullPath);
        Assert.Equal([3, 5, 9], splits.Train.ReadClasses());
        Assert.Equal((1, new Shape(32, 32, 3)), (splits.Test!.Count, splits.Train.SampleShape));
        float[] features = new float[3072];
        splits.Train.Read(2, features, []);
        Assert.Equal([9f / 255, 1f, 100f / 255], features[..3]);
        Assert.Equal([0f, 1f, 100f / 255], features[^3..]);
    }

    [Fact]
    public void A_cut_record_and_a_wrong_label_are_told()
    {
        string cut = folder.Write("data_batch_1.bin", [.. Record(1), .. Record(1)[..100]]);
        Assert.Equal($"{cut}: cut short: found 1 records of 3073 bytes and 100 bytes more", Assert.Throws<UserError>(() => CifarSet.Open(folder.FullPath)).Message);
        string wrong = folder.Write("data_batch_1.bin", [.. Record(1), .. Record(10)]);
        Assert.Equal($"{wrong}: label 1 is 10, allowed 0 to 9 (is it CIFAR-10?)", Assert.Throws<UserError>(() => CifarSet.Open(folder.FullPath)).Message);
    }

    [SkippableFact]
    public void Ten_thousand_pictures_have_their_classes()
    {
        Skip.If(RealData.Folder("cifar-10") is null, RealData.Missing("cifar-10"));
        Splits splits = CifarSet.Open(RealData.Folder("cifar-10")!);
        Assert.Equal((10_000, 10_000), (splits.Train.Count, splits.Test!.Count));
        Assert.Equal("airplane", splits.Train.Target.ClassNames![0]);
        Assert.Equal(1000, splits.Test.ReadClasses().Count(which => which == 7));
    }

    /// <summary>Red: the label first, then 0; green 255; blue 100.</summary>
    private static byte[] Record(byte label)
    {
        byte[] record = new byte[3073];
        record[0] = label;
        record[1] = label;
        record.AsSpan(1025, 1024).Fill(255);
        record.AsSpan(2049, 1024).Fill(100);
        return record;
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
