using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Values;

/// <summary>The client's values in a statement that was bound, for another statement with the same parameters.</summary>
internal sealed class BoundValues
{
    private readonly Dictionary<(int Parameter, uint Type), ReadOnlyMemory<byte>> _values = [];
    private readonly uint[] _types;

    /// <param name="plan">The plan that the statement was bound to.</param>
    public BoundValues(PlannedStatement plan, Statement statement)
    {
        _types = plan.ParameterTypes;
        for (var i = 0; _types.Length > 0 && i < plan.Steps.Count; i++)
        {
            Add(plan.Steps[i], plan.Steps.Count == 1 ? statement.Parameters : statement.Steps[i].Parameters);
        }
    }

    /// <returns>Null if a value was not read as the step's type.</returns>
    /// <param name="moment">The value of <see cref="StepValue.IsMoment"/>.</param>
    public ReadOnlyMemory<byte>? Arrange(StepValue[] order, long moment)
    {
        var arranged = new ArrayBufferWriter<byte>();
        foreach (var value in order)
        {
            if (!value.Constant.IsEmpty)
            {
                arranged.Write(value.Constant.Span);
            }
            else if (value.IsMoment)
            {
                ParameterEncoding.WriteInteger(arranged, moment);
            }
            else if (!IsClients(value))
            {
                ParameterEncoding.WriteNull(arranged);
            }
            else if (_values.TryGetValue((value.Parameter, TypeOf(value)), out var encoded))
            {
                arranged.Write(encoded.Span);
            }
            else
            {
                return null;
            }
        }

        return arranged.WrittenMemory;
    }

    private void Add(PlannedStep step, ReadOnlyMemory<byte> parameters)
    {
        var reader = new ParameterEncoding.Reader(parameters.Span);
        foreach (var value in step.Values ?? [])
        {
            if (!reader.Read())
            {
                return;
            }

            if (value.Constant.IsEmpty && !value.IsMoment && IsClients(value))
            {
                var encoded = new ArrayBufferWriter<byte>();
                ParameterEncoding.Write(encoded, reader.Value);
                _values[(value.Parameter, TypeOf(value))] = encoded.WrittenMemory;
            }
        }
    }

    private bool IsClients(in StepValue value) => (uint)value.Parameter < (uint)_types.Length;

    private uint TypeOf(in StepValue value) => value.Type == 0 ? _types[value.Parameter] : value.Type;
}
