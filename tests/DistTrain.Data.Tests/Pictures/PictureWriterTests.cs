using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public sealed class PictureWriterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_grid_has_black_lines_between_its_pictures_and_a_black_rest()
    {
        // Three pictures of 1 x 2 pixels: two in the first row, one below.
        string path = folder.File("grid.png");
        PictureWriter.WriteGrid(path, [0.2f, 0.4f, 0.6f, 0.8f, 1, 0.5f], new Shape(1, 2, 1));

        Picture grid = PictureFile.Read(path);
        Assert.Equal((4, 6, 1), (grid.Height, grid.Width, grid.Channels));
        Assert.Equal([51, 102, 0, 0, 153, 204], grid.Pixels[..6]);
        Assert.Equal(new byte[12], grid.Pixels[6..18]);
        Assert.Equal([255, 128, 0, 0, 0, 0], grid.Pixels[18..]);
    }

    [Fact]
    public void Columns_can_be_given_and_colours_stay_together()
    {
        string path = folder.File("grid.png");
        PictureWriter.WriteGrid(path, [0, 0.2f, 0.4f, 1, 0.8f, 0.6f], new Shape(1, 1, 3), columns: 1);

        Picture grid = PictureFile.Read(path);
        Assert.Equal((4, 1, 3), (grid.Height, grid.Width, grid.Channels));
        Assert.Equal([0, 51, 102, 0, 0, 0, 0, 0, 0, 255, 204, 153], grid.Pixels);
    }

    [Fact]
    public void What_lies_beyond_black_and_white_is_black_or_white()
    {
        string path = folder.File("grid.png");
        PictureWriter.WriteGrid(path, [-3, float.NaN, 7, float.PositiveInfinity], new Shape(1, 4, 1));
        Assert.Equal([0, 0, 255, 255], PictureFile.Read(path).Pixels);
    }

    [Fact]
    public void A_folder_of_pictures_is_what_models_of_pictures_read()
    {
        float[] samples = [.. Enumerable.Range(0, 3 * 4).Select(i => i / 255f)];
        PictureWriter.WriteEach(folder.File("new"), samples, new Shape(2, 2, 1));

        Assert.Equal(["00000.png", "00001.png", "00002.png"], Directory.GetFiles(folder.File("new")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        IDataSource read = new PictureInput(2, 2, 1).ReadFile(folder.File("new"));
        float[] found = new float[12];
        read.Read([0, 1, 2], found, []);
        Assert.Equal(samples, found);
    }

    [Fact]
    public void Other_shapes_are_refused() => Assert.Equal(
        "pictures: found samples (4); allowed: (height, width, 1) or (height, width, 3)",
        Assert.Throws<UserError>(() => PictureWriter.WriteGrid(folder.File("grid.png"), new float[4], new Shape(4))).Message);
}
