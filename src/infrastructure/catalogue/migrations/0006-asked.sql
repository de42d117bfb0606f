-- What an authority of this node asked at other nodes, under which number it stands there. What has become of it is asked there.
CREATE TABLE catalogue.asked (
  node text NOT NULL COLLATE "C" CHECK (length(node) BETWEEN 1 AND 63),
  number integer NOT NULL CHECK (number > 0),
  authority uuid NOT NULL,
  official uuid NOT NULL,
  resource text NOT NULL CHECK (length(resource) BETWEEN 1 AND 200),
  title_zh text NOT NULL CHECK (length(title_zh) BETWEEN 1 AND 500),
  title_en text NOT NULL CHECK (length(title_en) BETWEEN 1 AND 500),
  at timestamptz NOT NULL,
  PRIMARY KEY (authority, node, number)
);
