using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public sealed class PictureFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Png_filters_are_undone()
    {
        // Rows 10 20 30, by each filter from what stands left, above and in the corner.
        byte[] rows =
        [
            0, 10, 20, 30,
            1, 10, 10, 10,
            2, 5, 5, 5,
            3, 7, 3, 2,
            4, 1, 1, 1,
        ];
        Picture picture = Read(PngBytes.Of(3, 5, 8, 0, rows));
        Assert.Equal((5, 3, 1), (picture.Height, picture.Width, picture.Channels));

        // Row 4: 7 + 15/2 = 14, 3 + (14 + 25)/2 = 22, 2 + (22 + 35)/2 = 30. Row 5 (Paeth): 1 + 14, then the nearest of left, up, corner.
        Assert.Equal([10, 20, 30, 10, 20, 30, 15, 25, 35, 14, 22, 30, 15, 23, 31], picture.Pixels);
    }

    [Fact]
    public void Png_of_all_colour_types_gives_grey_or_colour()
    {
        Assert.Equal([0, 255, 0, 255], Read(PngBytes.Of(4, 1, 1, 0, [0, 0b0101_0000])).Pixels);
        Assert.Equal([0, 85, 170, 255], Read(PngBytes.Of(4, 1, 2, 0, [0, 0b0001_1011])).Pixels);
        Assert.Equal([18, 52], Read(PngBytes.Of(2, 1, 16, 0, [0, 18, 99, 52, 98])).Pixels);
        Assert.Equal([1, 2, 3, 4, 5, 6], Read(PngBytes.Of(2, 1, 8, 2, [0, 1, 2, 3, 4, 5, 6])).Pixels);
        Assert.Equal([7, 8, 9, 4, 5, 6], Read(PngBytes.Of(2, 1, 4, 3, [0, 0x20], palette: [4, 5, 6, 1, 2, 3, 7, 8, 9])).Pixels);
        Assert.Equal([11, 13], Read(PngBytes.Of(2, 1, 8, 4, [0, 11, 255, 13, 0])).Pixels);
        Assert.Equal([1, 2, 3], Read(PngBytes.Of(1, 1, 8, 6, [0, 1, 2, 3, 128])).Pixels);
    }

    [Fact]
    public void Interlaced_png_puts_every_pixel_in_its_place()
    {
        // 3 x 3: pass 1 has (0,0); 4 has (2,0) in x; 5 has row 2: x 0, 2; 6 has x 1 of rows 0, 2; 7 has row 1.
        byte[] rows = [0, 1, 0, 3, 0, 7, 9, 0, 2, 0, 8, 0, 4, 5, 6];
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], Read(PngBytes.Of(3, 3, 8, 0, rows, interlaced: true)).Pixels);
    }

    [Fact]
    public void A_truncated_png_is_told()
    {
        byte[] whole = PngBytes.Of(16, 16, 8, 0, new byte[17 * 16]);
        for (int length = 0; length < whole.Length; length++)
        {
            string path = folder.Write("cut.png", whole[..length]);
            string message = Assert.Throws<UserError>(() => PictureFile.Read(path)).Message;
            Assert.StartsWith(path + ": ", message, StringComparison.Ordinal);
        }

        string cut = folder.Write("cut.png", whole[..^20]);
        Assert.StartsWith($"{cut}: cut short: the file ends at byte {whole.Length - 20}, within the chunk that begins at byte ", Assert.Throws<UserError>(() => PictureFile.Read(cut)).Message, StringComparison.Ordinal);
        string few = folder.Write("few.png", PngBytes.Of(4, 4, 8, 0, new byte[12]));
        Assert.Equal($"{few}: cut short: the pixels end in row 3", Assert.Throws<UserError>(() => PictureFile.Read(few)).Message);
    }

    [Fact]
    public void Sizes_are_refused_before_memory_is_taken()
    {
        string path = folder.Write("huge.png", PngBytes.Of(int.MaxValue, int.MaxValue, 8, 6, [0]));
        Assert.Equal(
            $"{path}: found a picture of 2147483647 x 2147483647 pixels; allowed: sides from 1 to 16384, 67108864 pixels in all",
            Assert.Throws<UserError>(() => PictureFile.Read(path)).Message);
    }

    [Fact]
    public void Pgm_and_ppm_are_read_plain_and_raw()
    {
        Assert.Equal([0, 128, 255], Read(Encoding.ASCII.GetBytes("P2 # grey\n3 1\n255\n0 128 255\n")).Pixels);
        Assert.Equal([0, 255], Read([.. "P5\n2 1\n15\n"u8, 0, 15]).Pixels);
        Picture colour = Read([.. "P6 1 1 255\n"u8, 9, 8, 7]);
        Assert.Equal((3, 9), (colour.Channels, colour.Pixels[0]));
        string path = folder.Write("cut.pgm", [.. "P5\n2 2\n255\n"u8, 1, 2, 3]);
        Assert.Equal($"{path}: cut short: 2 x 2 pixels need 4 bytes, found 3", Assert.Throws<UserError>(() => PictureFile.Read(path)).Message);
    }

    [Fact]
    public void Class_folders_become_classes_of_one_size()
    {
        Make("set/cat/1.png", PngBytes.Of(2, 1, 8, 0, [0, 0, 255]));
        Make("set/dog/2.png", PngBytes.Of(2, 1, 8, 2, [0, 255, 0, 0, 0, 0, 255]));
        Make("set/dog/1.pgm", [.. "P5 2 1 255\n"u8, 51, 102]);
        Make("set/dog/readme.txt", [1]);
        Splits splits = PictureFolder.Open(folder.File("set"));
        Assert.Equal(["cat", "dog"], splits.Train.Target.ClassNames!);
        Assert.Equal([0, 1, 1], splits.Train.ReadClasses());
        Assert.Equal(new Shape(1, 2, 3), splits.Train.SampleShape);
        float[] features = new float[6];
        splits.Train.Read(1, features, []);
        Assert.Equal([0.2f, 0.2f, 0.2f, 0.4f, 0.4f, 0.4f], features);
        splits.Train.Read(2, features, []);
        Assert.Equal([1f, 0, 0, 0, 0, 1], features);
        InputFormat input = InputFormat.FromJson(splits.Input!.ToJson(), "input.json");
        Assert.Equal(2, input.ReadFile(folder.File("set/dog")).Count);
        Assert.Equal(3, input.Open(folder.File("set")).Count);
    }

    [Fact]
    public void An_empty_class_folder_and_a_picture_of_another_size_are_told()
    {
        Make("set/cat/1.png", PngBytes.Of(2, 1, 8, 0, [0, 0, 255]));
        Directory.CreateDirectory(folder.File("set/dog"));
        Assert.Equal(
            $"{folder.File("set/dog")}: the class folder has no picture; allowed: at least one .png, .pgm or .ppm",
            Assert.Throws<UserError>(() => PictureFolder.Open(folder.File("set"))).Message);
        Make("set/dog/1.png", PngBytes.Of(1, 2, 8, 0, [0, 0, 0, 255]));
        Assert.Equal(
            $"{folder.File("set/dog/1.png")}: found a picture of 1 x 2 pixels; allowed: 2 x 1, as the first has",
            Assert.Throws<UserError>(() => PictureFolder.Open(folder.File("set"))).Message);
    }

    private Picture Read(byte[] file) => PictureFile.Read(folder.Write("picture", file));

    private void Make(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        folder.Write(name, content);
    }
}
