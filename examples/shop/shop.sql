-- A small shop, followed as a datasource. The owner of the database runs this; it can be run again.
-- The role that Signalbox logs in with needs LOGIN and REPLICATION, and what is granted at the end.

CREATE TABLE IF NOT EXISTS customers (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  tags text[] NOT NULL DEFAULT '{}',
  joined date NOT NULL DEFAULT current_date,
  avatar bytea
);

CREATE TABLE IF NOT EXISTS orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id uuid NOT NULL REFERENCES customers ON DELETE CASCADE,
  status text NOT NULL DEFAULT 'placed' CHECK (status IN ('placed', 'paid', 'shipped')),
  total numeric(12, 2) NOT NULL,
  details jsonb NOT NULL DEFAULT '{}',
  placed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS order_items (
  order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
  line integer NOT NULL,
  sku text NOT NULL,
  quantity integer NOT NULL,
  price numeric(12, 2) NOT NULL,
  PRIMARY KEY (order_id, line)
);

-- What is published. Each table needs a primary key, or REPLICA IDENTITY FULL.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'signalbox_publication') THEN
    CREATE PUBLICATION signalbox_publication FOR TABLE customers, orders, order_items;
  END IF;
END
$$;

-- The rows that are there already are read with SELECT.
GRANT USAGE ON SCHEMA public TO shop_replicator;
GRANT SELECT ON customers, orders, order_items TO shop_replicator;
