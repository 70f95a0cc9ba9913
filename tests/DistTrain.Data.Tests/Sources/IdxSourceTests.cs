using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public sealed class IdxSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pair_of_files_plain_or_packed_gives_its_samples(bool packed)
    {
        byte[] Pack(byte[] file) => packed ? IdxBytes.Gzip(file) : file;
        IDataSource source = IdxSource.Open(
            folder.Write("images", Pack(IdxBytes.Images(4))), folder.Write("labels", Pack(IdxBytes.Labels(3, 0, 1, 2))));

        Assert.Equal(4, source.Count);
        Assert.Equal(new Shape(2, 3, 1), source.SampleShape);
        Assert.Equal(TargetKind.Class, source.Target.Kind);
        Assert.Equal(4, source.Target.Classes);
        float[] features = new float[12];
        float[] targets = new float[2];
        source.Read([3, 1], features, targets);
        Assert.Equal([18, 19, 20, 21, 22, 23, 6, 7, 8, 9, 10, 11], features.Select(x => (int)MathF.Round(x * 255)));
        Assert.Equal(18f / 255f, features[0]);
        Assert.Equal([2f, 0f], targets);
    }

    [Fact]
    public void Images_of_any_rank_keep_their_shape()
    {
        string labels = folder.Write("labels", IdxBytes.Labels(1, 0));
        Shape ShapeOf(params int[] dims) =>
            IdxSource.Open(folder.Write("images", IdxBytes.Create(dims, new byte[dims.Aggregate(1, (a, b) => a * b)])), labels).SampleShape;
        Assert.Equal(new Shape(1), ShapeOf(2));
        Assert.Equal(new Shape(5), ShapeOf(2, 5));
        Assert.Equal(new Shape(3, 4, 1), ShapeOf(2, 3, 4));
        Assert.Equal(new Shape(3, 4, 3), ShapeOf(2, 3, 4, 3));
        Assert.Equal(new Shape(2, 3, 4, 3), ShapeOf(2, 2, 3, 4, 3));
    }

    [Fact]
    public void Images_without_labels_are_samples_to_predict_from()
    {
        IDataSource source = IdxSource.Open(folder.Write("images", IdxBytes.Images(2)), null);
        Assert.Equal(TargetKind.None, source.Target.Kind);
        Assert.Equal(0, source.Target.Length);
        source.Read(1, new float[6], []);
    }

    [Fact]
    public void Every_shortening_of_a_file_is_refused_by_name()
    {
        byte[] whole = IdxBytes.Images(2);
        byte[] packed = IdxBytes.Gzip(whole);
        for (int length = 0; length < whole.Length; length++)
        {
            string message = Refused(whole[..length]);
            Assert.True(message.Contains("cut short", StringComparison.Ordinal) || length < 4, $"{length} bytes: {message}");
        }

        // The last bytes are deflate's end mark and gzip's checksum and length; without them the content is still whole, and .NET reads it.
        for (int length = 0; length < packed.Length - 10; length++)
        {
            Refused(packed[..length]);
        }
    }

    [Fact]
    public void A_cut_file_tells_what_was_promised_and_what_was_found() =>
        Assert.EndsWith("cut short: the header promises 2 x 2 x 3 = 12 bytes, found 11.", Refused(IdxBytes.Images(2)[..^1]), StringComparison.Ordinal);

    [Fact]
    public void Trailing_bytes_are_refused()
    {
        byte[] longer = [.. IdxBytes.Images(2), 0];
        Assert.EndsWith("1 bytes too many: the header promises 2 x 2 x 3 = 12 bytes, found 13.", Refused(longer), StringComparison.Ordinal);
        Assert.Contains("bytes too many", Refused(IdxBytes.Gzip(longer)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x00000D03u)]
    [InlineData(0x00000800u)]
    [InlineData(0x00000809u)]
    [InlineData(0x03080000u)]
    [InlineData(0x89504E47u)]
    public void A_wrong_magic_number_is_shown_with_the_allowed_ones(uint magic) =>
        Assert.EndsWith(
            $"magic number 0x{magic:X8}, allowed 0x00000801 to 0x00000808.",
            Refused(IdxBytes.Create([2, 2, 3], new byte[12], magic)),
            StringComparison.Ordinal);

    [Fact]
    public void An_empty_file_and_an_empty_set_are_refused()
    {
        Assert.EndsWith("empty file, expected IDX.", Refused([]), StringComparison.Ordinal);
        Assert.EndsWith("holds 0 items, at least 1 is needed.", Refused(IdxBytes.Create([0, 2, 3], [])), StringComparison.Ordinal);
        Assert.Contains("dimension 1 is 0", Refused(IdxBytes.Create([2, 0, 3], [])), StringComparison.Ordinal);
        Assert.Contains("dimension 0 is 4294967295", Refused(IdxBytes.Create([-1, 2, 3], new byte[12])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_lies_takes_no_memory()
    {
        byte[] liar = IdxBytes.Create([int.MaxValue, 1000, 1000], new byte[1000]);
        byte[] packedLiar = IdxBytes.Gzip(IdxBytes.Create([400_000_000], new byte[1_000_000]));
        Refused(liar);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("cut short", Refused(liar), StringComparison.Ordinal);
        Assert.Contains("cut short", Refused(IdxBytes.Gzip(liar)), StringComparison.Ordinal);
        Assert.Contains("cut short", Refused(packedLiar), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void Dimensions_whose_product_overflows_are_refused() =>
        Assert.Contains(
            "cut short",
            Refused(IdxBytes.Create([int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue], new byte[8])),
            StringComparison.Ordinal);

    [Fact]
    public void Damage_inside_a_packed_file_is_refused()
    {
        byte[] packed = IdxBytes.Gzip(IdxBytes.Create([1000], [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * i))]));
        packed[^6] ^= 1;
        Assert.Contains("broken gzip", Refused(packed), StringComparison.Ordinal);
    }

    [Fact]
    public void Disagreeing_counts_name_both_files()
    {
        string images = folder.Write("images", IdxBytes.Images(3));
        string labels = folder.Write("labels", IdxBytes.Labels(1, 2));
        UserError error = Assert.Throws<UserError>(() => IdxSource.Open(images, labels));
        Assert.Equal($"{labels}: 2 labels for 3 images in {images}; the counts must be equal.", error.Message);
    }

    [Fact]
    public void A_label_out_of_range_and_exchanged_files_are_refused()
    {
        string images = folder.Write("images", IdxBytes.Images(2));
        string labels = folder.Write("labels", IdxBytes.Labels(1, 7));
        Assert.Equal(
            $"{labels}: label 1 is 7, allowed 0 to 6.",
            Assert.Throws<UserError>(() => IdxSource.Open(images, labels, classes: 7)).Message);
        Assert.Contains(
            "labels have 1 dimension, found 3",
            Assert.Throws<UserError>(() => IdxSource.Open(labels, images)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_and_a_missing_folder_are_named()
    {
        string missing = folder.File("nothing");
        Assert.Equal($"{missing}: no such file.", Assert.Throws<UserError>(() => IdxSource.Open(missing, null)).Message);
        string deeper = Path.Combine(missing, "images");
        Assert.Equal($"{deeper}: no such folder.", Assert.Throws<UserError>(() => IdxSource.Open(deeper, null)).Message);
    }

    private string Refused(byte[] images)
    {
        string path = folder.Write("images", images);
        string message = Assert.Throws<UserError>(() => IdxSource.Open(path, null)).Message;
        Assert.StartsWith(path + ": ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
