namespace DistTrain.Protocol.Tests;

public class SliceRangeTests
{
    [Fact]
    public void Without_gives_the_fewest_pieces_of_what_is_left()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            SliceRange[] nodes = [.. Nodes(16)];
            SliceRange[] taken = [.. Enumerable.Range(0, random.Next(5)).Select(_ => nodes[random.Next(nodes.Length)])];
            SliceRange range = nodes[random.Next(nodes.Length)];
            var pieces = new List<SliceRange>();
            range.Without(taken, pieces);

            int[] left = [.. Enumerable.Range(range.First, range.Count).Where(slice => !taken.Any(other => other.Contains(new SliceRange(slice, 1))))];
            Assert.Equal(left, pieces.SelectMany(piece => Enumerable.Range(piece.First, piece.Count)));
            Assert.All(pieces, piece => Assert.DoesNotContain(piece.Sibling, pieces));
        }
    }

    [Fact]
    public void Parents_siblings_and_halves_agree()
    {
        foreach (SliceRange range in Nodes(32).Where(range => range.Count < 32))
        {
            SliceRange parent = range.Parent;
            Assert.True(parent.IsNodeOf(32) && range.Sibling.IsNodeOf(32));
            Assert.Equal(range.IsLeft ? (range, range.Sibling) : (range.Sibling, range), (parent.LeftHalf, parent.RightHalf));
            Assert.True(parent.Contains(range) && !range.Contains(parent) && !range.Contains(range.Sibling));
        }
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(8, 8)]
    [InlineData(0, 16)]
    [InlineData(-8, 8)]
    [InlineData(0, 0)]
    public void What_is_no_node_of_eight_slices_is_known(int first, int count) =>
        Assert.False(new SliceRange(first, count).IsNodeOf(8));

    private static IEnumerable<SliceRange> Nodes(int slices)
    {
        for (int count = 1; count <= slices; count *= 2)
        {
            for (int first = 0; first < slices; first += count)
            {
                yield return new SliceRange(first, count);
            }
        }
    }
}
