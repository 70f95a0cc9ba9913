using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

public class HostChannelTests
{
    /// <summary>A wire that loses, repeats and reverses packets, by a seed, in both directions.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Everything_arrives_once_and_in_order_over_a_bad_wire(int seed)
    {
        const int Messages = 300;
        var random = new Random(seed);
        var toRight = new List<byte[]>();
        var toLeft = new List<byte[]>();
        var left = new List<long>();
        var right = new List<long>();
        HostChannel a = new(toRight.Add, message => left.Add(NumberOf(message)));
        HostChannel b = new(toLeft.Add, message => right.Add(NumberOf(message)));
        for (int i = 1; i <= Messages; i++)
        {
            a.Post(Message(i));
            b.Post(Message(-i));
        }

        int lost = 0, repeated = 0;
        int rounds = 0;
        while ((left.Count < Messages || right.Count < Messages) && rounds++ < 100_000)
        {
            Carry(toRight, b);
            Carry(toLeft, a);
            a.Tick();
            b.Tick();
        }

        Assert.Equal(Enumerable.Range(1, Messages).Select(i => (long)i), right);
        Assert.Equal(Enumerable.Range(1, Messages).Select(i => (long)-i), left);
        Assert.True(lost > 20 && repeated > 20, $"{lost} packets were lost and {repeated} repeated");

        void Carry(List<byte[]> wire, HostChannel to)
        {
            byte[][] packets = [.. wire];
            wire.Clear();
            if (random.Next(4) == 0)
            {
                Array.Reverse(packets);
            }

            foreach (byte[] packet in packets)
            {
                int fate = random.Next(10);
                lost += fate == 0 ? 1 : 0;
                repeated += fate == 1 ? 1 : 0;
                for (int i = 0; i < (fate == 0 ? 0 : fate == 1 ? 2 : 1); i++)
                {
                    to.Receive(packet);
                }
            }
        }
    }

    [Fact]
    public void A_closed_channel_sends_and_delivers_nothing()
    {
        var sent = new List<byte[]>();
        var delivered = new List<HostMessage>();
        HostChannel closed = new(sent.Add, delivered.Add);
        HostChannel other = new(packet => closed.Receive(packet), _ => { });
        closed.Close();

        closed.Post(Message(1));
        closed.PostWhenRoom(Message(2));
        other.Post(Message(3));
        closed.Tick();

        Assert.Empty(delivered);
        Assert.DoesNotContain(sent, packet => HostCodec.Decode(packet).Message is not null);
    }

    private static MachineDied Message(long number) => new(MachineId.Worker(1), $"{number}");

    private static long NumberOf(HostMessage message) => long.Parse(((MachineDied)message).Reason);
}
