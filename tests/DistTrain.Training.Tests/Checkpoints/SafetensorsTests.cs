using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

public class SafetensorsTests
{
    private static readonly NamedTensor[] Tensors =
    [
        new("b/kernel", new Shape(2, 3), new float[] { 1, -2, 3.5f, float.Epsilon, float.MaxValue, -0f }),
        new("a/bias", new Shape(1), new float[] { 7 }),
        new("scalar", default, new float[] { float.NaN }),
    ];

    [Fact]
    public void What_is_written_is_read_back_bit_for_bit()
    {
        IReadOnlyList<NamedTensor> read = Read(Bytes());
        Assert.Equal(Tensors.Select(tensor => (tensor.Name, tensor.Shape)), read.Select(tensor => (tensor.Name, tensor.Shape)));
        for (int i = 0; i < Tensors.Length; i++)
        {
            Assert.Equal(
                Tensors[i].Values.ToArray().Select(BitConverter.SingleToInt32Bits), read[i].Values.ToArray().Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void Layout_is_that_of_the_format()
    {
        byte[] bytes = Bytes();
        int header = BitConverter.ToInt32(bytes);
        Assert.Equal(0, header % 8);
        Assert.Equal(8 + header + 32, bytes.Length);
        Assert.StartsWith(
            """{"__metadata__":{"made":"here"},"b/kernel":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"a/bias":{"dtype":"F32","shape":[1],"data_offsets":[24,28]}""",
            Encoding.UTF8.GetString(bytes, 8, header),
            StringComparison.Ordinal);
        Assert.Equal(1f, BitConverter.ToSingle(bytes, 8 + header));
    }

    [Fact]
    public void A_file_of_another_program_with_tensors_in_another_order_is_read()
    {
        byte[] bytes = File("""{"second":{"data_offsets":[4,12],"shape":[2],"dtype":"F32"},"first":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}""", 12);
        Assert.Equal(["first", "second"], Read(bytes).Select(tensor => tensor.Name));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}""", 4, "'a' has type F16; allowed: F32")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "'a' (2) stands at bytes 0 to 4; it belongs at 0 to 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'a' (1) stands at bytes 4 to 8; it belongs at 0 to 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "it belongs at 4 to 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "has 8 bytes of values; its header describes 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "names 'a' twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2000000000,2000000000],"data_offsets":[0,4]}}""", 4, "has the shape [2000000000,2000000000]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "has the shape [-1]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[500000000],"data_offsets":[0,2000000000]}}""", 4, "has 4 bytes of values; its header describes 2000000000")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "its header is not understood")]
    [InlineData("""{"a":7}""", 0, "its header is not understood")]
    [InlineData("""[]""", 0, "its header is not understood")]
    [InlineData("""{"a":{""", 0, "its header is not understood")]
    public void A_header_that_does_not_hold_is_refused(string header, int dataBytes, string reason)
    {
        UserError error = Assert.Throws<UserError>(() => Read(File(header, dataBytes)));
        Assert.StartsWith("weights: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_corruption_gives_anything_but_values_or_a_users_error()
    {
        byte[] good = Bytes();
        var random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 4000; i++)
        {
            byte[] bytes = [.. good];
            int end = i % 3 == 0 ? random.Next(good.Length) : good.Length;
            for (int flips = random.Next(i % 3 == 0 ? 1 : 4); flips >= 0; flips--)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                Assert.NotNull(Read(bytes[..end]));
            }
            catch (UserError)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 4000);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var folder = new TestFolder();
        string path = folder["none.safetensors"];
        Assert.Equal($"{path}: there is no such file", Assert.Throws<UserError>(() => Safetensors.Read(path)).Message);
    }

    private static byte[] Bytes()
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, Tensors, new Dictionary<string, string> { ["made"] = "here" });
        return stream.ToArray();
    }

    private static byte[] File(string header, int dataBytes) =>
        [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]];

    private static IReadOnlyList<NamedTensor> Read(byte[] bytes) => Safetensors.Read(new MemoryStream(bytes), "weights");
}
